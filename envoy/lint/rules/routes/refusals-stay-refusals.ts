import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'Envoy’s own answers keep their status, or become 503',
  check: ({ managers }) =>
    unlessOneOf(
      managers.flatMap(({ node }) =>
        node
          .at('local_reply_config', 'mappers')
          .items()
          .map((mapper) => mapper.at('status_code')),
      ),
      [undefined, 503],
      {
        risk: 'A refusal becomes a success, or a failure becomes a 401, on which clients discard their tokens.',
        fix: 'Remove status_code, or set it to 503.',
      },
    ),
}
