import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { stagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'a header from authz with a line end in it is refused',
  check: (parsed) =>
    unlessOneOf(
      stagesOf(parsed).map(({ config }) => config.at('validate_mutations')),
      [true],
      {
        risk: 'A line end in a value that authz passes on splits the answer: whoever put it there writes headers of ours.',
        fix: 'Set validate_mutations: true.',
      },
    ),
}
