import type { EdgeConfig } from '../config.ts'
import { renderEnvoyConfig } from '../render/render.ts'
import { readEnvoyConfig } from './config/read-config.ts'
import { lint } from './lint.ts'
import { reportOf } from './report.ts'

export class LintError extends Error {
  constructor(report: string) {
    super(report)
    this.name = 'LintError'
  }
}

/**
 * Renders the configuration for `envoy -c`.
 *
 * @throws LintError with the findings, if there are any
 */
export function lintedConfig(config: EdgeConfig): string {
  const rendered = renderEnvoyConfig(config)
  const result = lint(readEnvoyConfig(rendered))
  if (result.findings.length > 0) throw new LintError(reportOf(result))
  return rendered
}
