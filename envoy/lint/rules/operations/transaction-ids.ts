import { fieldsNamed, textsIn } from '../../find.ts'
import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import type { Spot } from '../../spot.ts'
import { isOfOthers } from '../../transaction-logs.ts'

export const transactionIds: Rule = {
  name: 'transaction-ids',
  holds: 'no log line holds the id of an authorization transaction',
  check: ({ root }) =>
    fieldsNamed(root, ['access_log'])
      .flatMap((logs) => logs.items())
      .filter((log) => printsPath(log) && !isOfOthers(log))
      .map((log) =>
        finding(log, {
          risk: 'The path of a transaction’s page holds its id, and logs are read by more people than may act for the user.',
          fix: 'Filter :path with prefix /connect/authorize/ and invert_match and treat_missing_header_as_empty true; log those requests apart, without %PATH%.',
        }),
      ),
}

function printsPath(log: Spot): boolean {
  return textsIn(log.at('typed_config', 'log_format')).some(({ text }) => text?.includes('%PATH(') === true)
}
