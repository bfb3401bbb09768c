import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'Envoy refuses a header whose name has an underscore',
  check: ({ managers }) =>
    unlessOneOf(
      managers.map(({ node }) => node.at('common_http_protocol_options', 'headers_with_underscores_action')),
      ['REJECT_REQUEST'],
      {
        risk: 'x_quilt_user passes every rule for x-quilt-, and many services read both as the same name.',
        fix: 'Set common_http_protocol_options.headers_with_underscores_action: REJECT_REQUEST.',
      },
    ),
}
