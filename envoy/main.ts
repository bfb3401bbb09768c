import process from 'node:process'
import { ConfigurationError } from '../core/config/environment.ts'
import { readConfig } from './config.ts'
import { LintError, lintedConfig } from './lint/linted-config.ts'

/** Prints the configuration for `envoy -c`, or the findings of the linter. */
try {
  process.stdout.write(lintedConfig(readConfig(process.env)))
} catch (error) {
  if (!(error instanceof ConfigurationError || error instanceof LintError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
