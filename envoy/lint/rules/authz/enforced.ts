import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { stagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'Envoy refuses each request that authz refuses',
  check: (parsed) =>
    unlessOneOf(
      stagesOf(parsed).map(({ config }) => config.at('shadow_mode')),
      [undefined, false],
      {
        risk: 'In shadow mode Envoy only logs the decision and lets every request through.',
        fix: 'Remove shadow_mode.',
      },
    ),
}
