import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { stagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'Envoy refuses a header from authz that contains a line end',
  check: (parsed) =>
    unlessOneOf(
      stagesOf(parsed).map(({ config }) => config.at('validate_mutations')),
      [true],
      {
        risk: 'A line end in a value that authz passes on splits the request: an attacker who put it there sets any header.',
        fix: 'Set validate_mutations: true.',
      },
    ),
}
