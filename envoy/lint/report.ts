import type { LintResult, RuleFinding } from './lint.ts'

export function reportOf({ findings, holding, open }: LintResult): string {
  if (findings.length > 0) {
    return [...findings.map(describe), `${findings.length} finding(s); ${holding} rules hold.`].join('\n\n')
  }
  return [
    `${holding} rules hold.`,
    'Reached without authz, on purpose:',
    ...open.map((route) => `  ${route}`),
  ].join('\n')
}

function describe({ rule, where, risk, fix }: RuleFinding): string {
  return [`${rule}: ${where}`, `  ${risk}`, `  Fix: ${fix}`].join('\n')
}
