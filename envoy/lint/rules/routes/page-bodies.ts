import { bufferLimitOf } from '../../config/body-limit.ts'
import { finding } from '../../finding.ts'
import { CONSENT_UI } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'

/** More than any form or JSON of the OAuth endpoints needs. */
const MOST_BYTES = 1_048_576

export const rule: Rule = {
  holds: 'what anybody may send without a token has a limit, at every route to consent-ui',
  check: ({ managers }) =>
    managers.flatMap((manager) =>
      manager.routes
        .filter(({ destination }) => destination.kind === 'cluster' && destination.cluster === CONSENT_UI)
        .filter((route) => (bufferLimitOf(manager, route) ?? Infinity) > MOST_BYTES)
        .map(({ node, name }) =>
          finding(node, {
            risk: `Anybody keeps consent-ui busy with endless bodies at route ${name}.`,
            fix: `Give the route a buffer filter's limit (BufferPerRoute), at most ${MOST_BYTES}.`,
          }),
        ),
    ),
}
