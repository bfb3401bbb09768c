import type { Advice } from '../../finding.ts'
import { matcherOf } from '../../config/expression.ts'
import { unguarded } from '../../guarding-route.ts'
import type { Route } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

const ADVICE: Advice = {
  risk: 'An attacker in the network can change a page without TLS, and use services as its reader (MCP, Streamable HTTP, Origin header).',
  fix: "Add a route before the services that answers 403 when the header origin begins with 'http://' and names another machine.",
}

/** An origin of this machine, with any port. */
const OF_THIS_MACHINE = String.raw`http://(localhost|127\.0\.0\.1|\[::1\])(:\d+)?`

export const rule: Rule = {
  holds: 'a web page without TLS reaches no service',
  check: ({ managers }) => managers.flatMap((manager) => unguarded(manager, refusesInsecure, ADVICE)),
}

function refusesInsecure(match: ConfigNode, services: readonly Route[]): boolean {
  return isInsecureOrigin(match) && services.every((service) => covers(match, service.node.at('match')))
}

/** True if the match has every path of the service. */
function covers(match: ConfigNode, service: ConfigNode): boolean {
  if (match.at('prefix').value === '/') return true
  const matches = matcherOf(match.at('safe_regex', 'regex'))
  const path = service.at('path').text
  const prefix = service.at('path_separated_prefix').text
  const paths = path === undefined ? [prefix ?? '/', `${prefix ?? ''}/below`] : [path]
  return matches !== undefined && paths.every(matches)
}

function isInsecureOrigin(match: ConfigNode): boolean {
  const headers = match.at('headers').items()
  const [origin, exception, ...others] = headers
  const isInsecure =
    origin?.at('name').value === 'origin' &&
    origin.at('string_match', 'prefix').value === 'http://' &&
    origin.at('string_match', 'ignore_case').value === true &&
    !origin.at('invert_match').exists
  if (!isInsecure || others.length > 0) return false
  if (exception === undefined) return true
  return (
    exception.at('name').value === 'origin' &&
    exception.at('invert_match').value === true &&
    exception.at('string_match', 'safe_regex', 'regex').value === OF_THIS_MACHINE
  )
}
