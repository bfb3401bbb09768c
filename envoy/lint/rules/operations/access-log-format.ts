import { fieldsNamed } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { isOfOthers, isOfTransactions } from '../../expected/transaction-logs.ts'

export const rule: Rule = {
  holds: 'every request is written down, and every access log says what it writes',
  check: ({ root, managers }) => [
    ...managers
      .map(({ node }) => node.at('access_log'))
      .filter((logs) => !isComplete(logs.items()))
      .map((logs) =>
        finding(logs, {
          risk: 'Nobody can tell afterwards what was asked, and why it was refused.',
          fix: 'Write an access log with a json_format, without a filter; or two, of which one has what the other leaves out (rule transaction-ids).',
        }),
      ),
    ...fieldsNamed(root, ['access_log'])
      .flatMap((logs) => logs.items())
      .map((log) => log.at('typed_config', 'log_format'))
      .filter((format) => !['json_format', 'text_format_source'].some((name) => format.at(name).exists))
      .map((format) =>
        finding(format, {
          risk: "Envoy's own format writes the path with its query, where codes and state travel.",
          fix: 'Give log_format a json_format with the path as %PATH(NQ)%.',
        }),
      ),
  ],
}

function isComplete(logs: readonly ConfigNode[]): boolean {
  return (
    logs.some((log) => !log.at('filter').exists) || (logs.some(isOfOthers) && logs.some(isOfTransactions))
  )
}
