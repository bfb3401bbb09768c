import type { Advice } from '../../finding.ts'
import { unguarded } from '../../guarding-route.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** TRACE would echo the token; CONNECT opens a tunnel. */
const LISTED = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

const ADVICE: Advice = {
  risk: 'TRACE, CONNECT and unknown methods reach a service.',
  fix: `Add a route before the services that answers 405 when :method is not one of ${LISTED.join(', ')}.`,
}

export const rule: Rule = {
  holds: 'Envoy refuses every method that is not on the list',
  check: ({ managers }) => managers.flatMap((manager) => unguarded(manager, refusesOthers, ADVICE)),
}

function refusesOthers(match: ConfigNode): boolean {
  const [only, second] = match.at('headers').items()
  const methods = only?.at('string_match', 'safe_regex', 'regex').text?.split('|') ?? []
  return (
    match.at('prefix').value === '/' &&
    second === undefined &&
    only?.at('name').value === ':method' &&
    only.at('invert_match').value === true &&
    methods.length > 0 &&
    methods.every((method) => LISTED.includes(method))
  )
}
