import { unlessOneOf } from '../../finding.ts'
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
        // A limit of bodies decides nothing; routes turn it on (rule service-bodies).
        ...filters.filter(({ type }) => type !== BUFFER).map(({ spot }) => spot.at('disabled')),
      ],
      [undefined, false],
      {
        risk: 'The filter is not there where no route turns it on (disabled), or where this Envoy was built without it (is_optional).',
        fix: 'Take it out.',
      },
    )
  },
}
