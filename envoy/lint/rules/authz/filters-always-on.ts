import { unlessOneOf } from '../../finding.ts'
import { OF_ANSWERS } from '../../answer-filters.ts'
import type { Rule } from '../../rule.ts'
import { BUFFER } from '../../types.ts'

export const filtersAlwaysOn: Rule = {
  name: 'filters-always-on',
  holds: 'no filter that decides is off by default, or left out where Envoy does not know it',
  check: ({ managers }) => {
    const filters = managers.flatMap((manager) => manager.filters)
    return unlessOneOf(
      [
        ...filters.map(({ spot }) => spot.at('is_optional')),
        // Routes turn these on (rules service-bodies, service-refusals).
        ...filters
          .filter(({ type }) => ![BUFFER, ...OF_ANSWERS].includes(type))
          .map(({ spot }) => spot.at('disabled')),
      ],
      [undefined, false],
      {
        risk: 'The filter is not there where no route turns it on (disabled), or where this Envoy was built without it (is_optional).',
        fix: 'Take it out.',
      },
    )
  },
}
