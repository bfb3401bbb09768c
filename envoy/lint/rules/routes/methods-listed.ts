import type { Advice } from '../../finding.ts'
import { unguarded } from '../../guarding-route.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** What services and pages speak. TRACE would show a token in its answer; CONNECT opens a tunnel. */
const SPOKEN = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE']

const ADVICE: Advice = {
  risk: 'TRACE, CONNECT and methods that a service happens to know reach it, whatever they do there.',
  fix: `Before any service, answer 405 to every :method that is not one of ${SPOKEN.join(', ')}.`,
}

export const rule: Rule = {
  holds: 'a method that is not on the list is refused before anything is reached',
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
    methods.every((method) => SPOKEN.includes(method))
  )
}
