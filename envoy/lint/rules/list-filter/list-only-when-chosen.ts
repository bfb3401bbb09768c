import { finding } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'
import { COMPOSITE } from '../../config/types.ts'
import { messagesOf } from '../../config/find.ts'

export const rule: Rule = {
  holds: 'ext_proc stands only inside a Composite filter',
  check: (parsed) => {
    const chosen = messagesOf(parsed.root, COMPOSITE).flatMap((filter) =>
      listFiltersOf({ ...parsed, root: filter }),
    )
    return listFiltersOf(parsed)
      .filter(({ path }) => !chosen.some((node) => node.path === path))
      .map((filter) =>
        finding(filter, {
          risk: 'It runs for every request: refusals fail with it, and sessions with full access pay for it.',
          fix: 'Move it into the ExecuteFilterAction of a Composite filter.',
        }),
      )
  },
}
