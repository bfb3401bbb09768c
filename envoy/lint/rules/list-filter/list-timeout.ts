import { isBounded } from '../../config/duration.ts'
import { finding, whereverSet } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'

const LONGEST_SECONDS = 5

export const rule: Rule = {
  holds: 'a list filter that does not answer is given up in time',
  check: (parsed) => [
    ...listFiltersOf(parsed)
      .map((filter) => filter.at('message_timeout'))
      .filter((timeout) => !isBounded(timeout, LONGEST_SECONDS))
      .map((timeout) =>
        finding(timeout, {
          risk: 'Unset it is 0.2 s, which a large list does not meet; 0s waits for ever.',
          fix: `Set it, above 0s and at most ${LONGEST_SECONDS}s.`,
        }),
      ),
    ...whereverSet(
      listFiltersOf(parsed).map((filter) => filter.at('max_message_timeout')),
      { risk: 'An answer of authz could make the wait longer, for ever even.', fix: 'Take it out.' },
    ),
  ],
}
