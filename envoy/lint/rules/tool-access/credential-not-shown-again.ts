import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { laterStagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'the Quilt credential that the first stage put in goes to the service alone',
  check: (parsed) =>
    laterStagesOf(parsed)
      .map(({ config }) => config.at('disallowed_headers'))
      .filter(
        (names) =>
          !names
            .at('patterns')
            .items()
            .some((pattern) => pattern.at('exact').text === 'authorization'),
      )
      .map((names) =>
        finding(names, {
          risk: 'Every tool call carries the credential back to authz, where nobody needs it and a log may keep it.',
          fix: 'Set disallowed_headers: { patterns: [{ exact: authorization }] }.',
        }),
      ),
}
