import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'Envoy refuses a path with an escaped slash or backslash',
  check: ({ managers }) =>
    unlessOneOf(
      managers.map(({ node }) => node.at('path_with_escaped_slashes_action')),
      ['REJECT_REQUEST'],
      {
        risk: '/connect/..%2fmcp takes an open route here, and is /mcp for a service that decodes it first.',
        fix: 'Set path_with_escaped_slashes_action: REJECT_REQUEST.',
      },
    ),
}
