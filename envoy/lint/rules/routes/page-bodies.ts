import { bufferLimitOf } from '../../config/body-limit.ts'
import { finding } from '../../finding.ts'
import { CONSENT_UI } from '../../config/route.ts'
import type { Rule } from '../../rule.ts'

/** More than any form or JSON of the OAuth endpoints needs. */
const MAX_BYTES = 1_048_576

export const rule: Rule = {
  holds: 'every route to consent-ui has a body limit',
  check: ({ managers }) =>
    managers.flatMap((manager) =>
      manager.routes
        .filter(({ destination }) => destination.kind === 'cluster' && destination.cluster === CONSENT_UI)
        .filter((route) => (bufferLimitOf(manager, route) ?? Infinity) > MAX_BYTES)
        .map(({ node, name }) =>
          finding(node, {
            risk: `Any client can keep consent-ui busy with endless bodies on route ${name}.`,
            fix: `Set BufferPerRoute.buffer.max_request_bytes on the route, at most ${MAX_BYTES}.`,
          }),
        ),
    ),
}
