import { finding, whereverSet } from '../../finding.ts'
import { listFiltersOf } from '../../config/list-filters.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'

/** Headers that show whether an answer is a list. */
const READ = [':status', 'content-type', 'content-encoding', 'content-length']

export const rule: Rule = {
  holds: 'the list filter gets the kind of an answer, and no header that could hold a secret',
  check: (parsed) =>
    listFiltersOf(parsed).flatMap((filter) => [
      ...tooMuch(filter.at('forward_rules', 'allowed_headers', 'patterns')),
      ...whereverSet([filter.at('request_attributes'), filter.at('response_attributes')], {
        risk: 'Attributes carry headers, and paths with their queries.',
        fix: 'Remove the field.',
      }),
    ]),
}

function tooMuch(patterns: ConfigNode) {
  const names = patterns.items()
  const isLittle =
    names.length > 0 &&
    names.every((name) => name.entries().length === 1 && READ.includes(name.at('exact').text ?? ''))
  if (isLittle) return []
  return [
    finding(patterns, {
      risk: 'authz gets headers with cookies and credentials of the service.',
      fix: `Set allowed_headers.patterns to exactly ${READ.join(', ')}.`,
    }),
  ]
}
