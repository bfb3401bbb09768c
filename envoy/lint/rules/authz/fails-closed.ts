import { stagesOf } from '../../config/stages.ts'
import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'no request passes while authz does not answer',
  check: (parsed) =>
    unlessOneOf(
      stagesOf(parsed).flatMap(({ config }) => [
        config.at('failure_mode_allow'),
        config.at('failure_mode_allow_header_add'),
      ]),
      [undefined, false],
      {
        risk: 'While authz is down, slow or answers with an error, every request passes without a credential.',
        fix: 'Set failure_mode_allow: false.',
      },
    ),
}
