import { fieldsNamed, textsIn } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { isOfOthers, isOfTransactions } from '../../expected/transaction-logs.ts'

/** Without a length, `%REQ(…):32%`. */
const UNBOUNDED = /%(?:PATH|REQ)\([^)]*\)%/

export const rule: Rule = {
  holds: 'Envoy logs every request, and every access log has a format with a bound for what clients write',
  check: ({ root, managers }) => [
    ...managers
      .map(({ node }) => node.at('access_log'))
      .filter((logs) => !isComplete(logs.items()))
      .map((logs) =>
        finding(logs, {
          risk: 'The operator cannot find out which requests came, and why Envoy refused them.',
          fix: 'Add an access_log with a json_format and no filter, or two whose filters together match every request (rule transaction-ids).',
        }),
      ),
    ...fieldsNamed(root, ['access_log'])
      .flatMap((logs) => logs.items())
      .map((log) => log.at('typed_config', 'log_format'))
      .filter((format) => !['json_format', 'text_format_source'].some((name) => format.at(name).exists))
      .map((format) =>
        finding(format, {
          risk: "Envoy's default format logs the path with its query, which carries codes and state.",
          fix: 'Set log_format.json_format, with %PATH(NQ):512% for the path.',
        }),
      ),
    ...fieldsNamed(root, ['log_format'])
      .flatMap((format) => textsIn(format))
      .filter(({ text }) => UNBOUNDED.test(text ?? ''))
      .map((text) =>
        finding(text, {
          risk: 'Anyone can write 48 KiB into each line of the log, as a path or a method.',
          fix: 'Add the number of characters that are logged: %PATH(NQ):512%, %REQ(:METHOD):32%.',
        }),
      ),
  ],
}

function isComplete(logs: readonly ConfigNode[]): boolean {
  return (
    logs.some((log) => !log.at('filter').exists) || (logs.some(isOfOthers) && logs.some(isOfTransactions))
  )
}
