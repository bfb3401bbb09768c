import { finding } from '../../finding.ts'
import type { Rule } from '../../rule.ts'
import { laterStagesOf } from '../../config/stages.ts'

export const rule: Rule = {
  holds: 'only the service gets the Quilt credential that authenticate set',
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
          risk: 'Every tool call sends the credential back to authz, which does not need it and may log it.',
          fix: 'Set disallowed_headers: { patterns: [{ exact: authorization }] }.',
        }),
      ),
}
