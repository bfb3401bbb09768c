import { unlessOneOf } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'

export const rule: Rule = {
  holds: 'a list that cannot be filtered is not sent',
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
          risk: 'While authz is down or objects, lists are sent as the service wrote them.',
          fix: 'Take it out.',
        },
      ),
      ...unlessOneOf(
        filters.map((filter) => filter.at('status_on_error', 'code')),
        ['ServiceUnavailable'],
        {
          risk: 'Unset it is 500, which clients take for a fault of the service and do not repeat.',
          fix: 'Set status_on_error: { code: ServiceUnavailable }.',
        },
      ),
    ]
  },
}
