import { fieldsNamed, textsIn } from '../../config/find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { ConfigNode } from '../../config/config-node.ts'
import { isOfOthers } from '../../expected/transaction-logs.ts'

export const rule: Rule = {
  holds: 'no log line contains the id of an authorization transaction',
  check: ({ root }) =>
    fieldsNamed(root, ['access_log'])
      .flatMap((logs) => logs.items())
      .filter((log) => printsPath(log) && !isOfOthers(log))
      .map((log) =>
        finding(log, {
          risk: 'The path of a transaction’s page contains its id, and people who may not act for the user read logs.',
          fix: 'Add a header_filter: :path with prefix /connect/authorize/, invert_match and treat_missing_header_as_empty true; log those requests in a second access_log without %PATH%.',
        }),
      ),
}

function printsPath(log: ConfigNode): boolean {
  return textsIn(log.at('typed_config', 'log_format')).some(({ text }) => text?.includes('%PATH(') === true)
}
