import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'what Envoy answers by itself keeps its status, or says 503',
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
        risk: 'A refusal becomes a success, or our own trouble a 401 for which clients throw their tokens away.',
        fix: 'Take status_code out, or make it 503; body and headers may be changed.',
      },
    ),
}
