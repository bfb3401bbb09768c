import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { stagesOf } from '../../stages.ts'

export const enforced: Rule = {
  name: 'enforced',
  holds: 'what authz refuses is refused, not only noted',
  check: (edge) =>
    unlessOneOf(
      stagesOf(edge).map(({ config }) => config.at('shadow_mode')),
      [undefined, false],
      {
        risk: 'In shadow mode Envoy writes the decision down and lets every request through.',
        fix: 'Take shadow_mode out.',
      },
    ),
}
