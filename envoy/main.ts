import process from 'node:process'
import { ConfigurationError } from '../core/config/environment.ts'
import { readConfig } from './config.ts'
import { lint } from './lint/lint.ts'
import { readEnvoyConfig } from './lint/config/read-config.ts'
import { reportOf } from './lint/report.ts'
import { renderEnvoyConfig } from './render/render.ts'

/** Prints the configuration for `envoy -c`, or the findings of the linter. */
try {
  const rendered = renderEnvoyConfig(readConfig(process.env))
  const result = lint(readEnvoyConfig(rendered))
  if (result.findings.length === 0) process.stdout.write(rendered)
  else fail(reportOf(result))
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error
  fail(error.message)
}

function fail(why: string): void {
  process.stderr.write(`${why}\n`)
  process.exitCode = 1
}
