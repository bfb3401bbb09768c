import process from 'node:process'
import { ConfigurationError } from '../core/environment.ts'
import { readConfig } from './config.ts'
import { renderEnvoyConfig } from './render.ts'

/** Writes the configuration for `envoy -c` to standard output. */
try {
  process.stdout.write(renderEnvoyConfig(readConfig(process.env)))
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exitCode = 1
}
