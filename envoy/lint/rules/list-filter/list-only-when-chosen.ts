import { finding } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'
import { COMPOSITE } from '../../config/types.ts'
import { messagesOf } from '../../config/find.ts'

export const rule: Rule = {
  holds: 'ext_proc stands inside a Composite filter alone',
  check: (parsed) => {
    const chosen = messagesOf(parsed.root, COMPOSITE).flatMap((filter) =>
      listFiltersOf({ ...parsed, root: filter }),
    )
    return listFiltersOf(parsed)
      .filter(({ path }) => !chosen.some((node) => node.path === path))
      .map((filter) =>
        finding(filter, {
          risk: 'It runs for every request, refusals included, which then fail with it; full sessions pay for it.',
          fix: 'Put it into the ExecuteFilterAction of a Composite filter.',
        }),
      )
  },
}
