import { isBounded } from '../../config/duration.ts'
import { finding, whereverSet } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'

const MAX_SECONDS = 5

export const rule: Rule = {
  holds: 'Envoy waits for the list filter for a bounded time',
  check: (parsed) => [
    ...listFiltersOf(parsed)
      .map((filter) => filter.at('message_timeout'))
      .filter((timeout) => !isBounded(timeout, MAX_SECONDS))
      .map((timeout) =>
        finding(timeout, {
          risk: 'The default of 0.2 s is too short for a large list; 0s is no limit.',
          fix: `Set message_timeout above 0s, at most ${MAX_SECONDS}s.`,
        }),
      ),
    ...whereverSet(
      listFiltersOf(parsed).map((filter) => filter.at('max_message_timeout')),
      { risk: 'An answer of authz could extend the wait without limit.', fix: 'Remove max_message_timeout.' },
    ),
  ],
}
