import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { stagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'what authz refuses is refused, not only noted',
  check: (parsed) =>
    unlessOneOf(
      stagesOf(parsed).map(({ config }) => config.at('shadow_mode')),
      [undefined, false],
      {
        risk: 'In shadow mode Envoy writes the decision down and lets every request through.',
        fix: 'Take shadow_mode out.',
      },
    ),
}
