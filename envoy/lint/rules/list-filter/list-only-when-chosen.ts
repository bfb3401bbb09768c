import { finding } from '../../finding.ts'
import { listFiltersOf } from '../../list-filters.ts'
import type { Rule } from '../../rule.ts'
import { COMPOSITE } from '../../types.ts'
import { messagesOf } from '../../find.ts'

export const listOnlyWhenChosen: Rule = {
  name: 'list-only-when-chosen',
  holds: 'ext_proc stands inside a Composite filter alone',
  check: (edge) => {
    const chosen = messagesOf(edge.root, COMPOSITE).flatMap((filter) =>
      listFiltersOf({ ...edge, root: filter }),
    )
    return listFiltersOf(edge)
      .filter(({ path }) => !chosen.some((spot) => spot.path === path))
      .map((filter) =>
        finding(filter, {
          risk: 'It runs for every request, refusals included, which then fail with it; full sessions pay for it.',
          fix: 'Put it into the ExecuteFilterAction of a Composite filter.',
        }),
      )
  },
}
