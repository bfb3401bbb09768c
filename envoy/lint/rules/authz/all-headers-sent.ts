import { whereverSet } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { firstStagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'authenticate gets every header of the request',
  check: (parsed) =>
    whereverSet(
      firstStagesOf(parsed).flatMap(({ config }) => [
        config.at('allowed_headers'),
        config.at('disallowed_headers'),
      ]),
      {
        risk: 'authz neither judges nor removes a header that it does not see: a second credential, a forged identity.',
        fix: 'Remove the field.',
      },
    ),
}
