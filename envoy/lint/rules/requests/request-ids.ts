import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: "every request's id is Envoy's own, so that each log line belongs to one request",
  check: ({ managers }) => [
    ...unlessOneOf(
      managers.map(({ node }) => node.at('preserve_external_request_id')),
      [undefined, false],
      {
        risk: 'A client can send the id of another request, and the audit log cannot separate the two.',
        fix: 'Remove preserve_external_request_id.',
      },
    ),
    ...unlessOneOf(
      managers.map(({ node }) => node.at('generate_request_id')),
      [undefined, true],
      {
        risk: 'The operator cannot find a refusal in the logs.',
        fix: 'Remove generate_request_id: it is on by default.',
      },
    ),
  ],
}
