import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: "every request's id is Envoy's own, so that a log line is about one request",
  check: ({ managers }) => [
    ...unlessOneOf(
      managers.map(({ node }) => node.at('preserve_external_request_id')),
      [undefined, false],
      {
        risk: 'A client gives its requests the id of somebody else’s, and the audit cannot tell them apart.',
        fix: 'Take it out.',
      },
    ),
    ...unlessOneOf(
      managers.map(({ node }) => node.at('generate_request_id')),
      [undefined, true],
      {
        risk: 'Without an id, a refusal cannot be found in the logs.',
        fix: 'Take it out: it is on by default.',
      },
    ),
  ],
}
