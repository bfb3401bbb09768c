import { unlessOneOf } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'the client gets no list that authz could not filter',
  check: (parsed) => {
    const filters = listFiltersOf(parsed)
    return [
      ...unlessOneOf(
        filters.flatMap((filter) =>
          ['failure_mode_allow', 'observability_mode', 'disable_immediate_response'].map((name) =>
            filter.at(name),
          ),
        ),
        [undefined, false],
        {
          risk: 'While authz is down or refuses a list, the client gets it unfiltered.',
          fix: 'Remove the field.',
        },
      ),
      ...unlessOneOf(
        filters.map((filter) => filter.at('status_on_error', 'code')),
        ['ServiceUnavailable'],
        {
          risk: 'The default is 500, which clients take for a fault of the service and do not retry.',
          fix: 'Set status_on_error: { code: ServiceUnavailable }.',
        },
      ),
    ]
  },
}
