import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { ANSWER_FILTERS, BUFFER } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'no filter that decides is off by default, or left out where Envoy does not know it',
  check: ({ managers }) => {
    const filters = managers.flatMap((manager) => manager.filters)
    return unlessOneOf(
      [
        ...filters.map(({ node }) => node.at('is_optional')),
        // Routes turn these on (rules service-bodies, service-refusals).
        ...filters
          .filter(({ type }) => ![BUFFER, ...ANSWER_FILTERS].includes(type))
          .map(({ node }) => node.at('disabled')),
      ],
      [undefined, false],
      {
        risk: 'The filter is not there where no route turns it on (disabled), or where this Envoy was built without it (is_optional).',
        fix: 'Take it out.',
      },
    )
  },
}
