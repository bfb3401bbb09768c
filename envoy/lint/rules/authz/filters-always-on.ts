import { unlessOneOf } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { ANSWER_FILTERS, BUFFER } from '../../config/types.ts'

export const rule: Rule = {
  holds: 'no filter that decides is off by default or optional',
  check: ({ managers }) => {
    const filters = managers.flatMap((manager) => manager.filters)
    return unlessOneOf(
      [
        ...filters.map(({ node }) => node.at('is_optional')),
        // Routes switch these on (rules service-bodies, service-refusals).
        ...filters
          .filter(({ type }) => ![BUFFER, ...ANSWER_FILTERS].includes(type))
          .map(({ node }) => node.at('disabled')),
      ],
      [undefined, false],
      {
        risk: 'Envoy leaves the filter out when no route enables it (disabled), or when this build has no such filter (is_optional).',
        fix: 'Remove the field.',
      },
    )
  },
}
