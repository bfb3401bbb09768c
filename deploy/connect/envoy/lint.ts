import { readFileSync } from 'node:fs'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import type { Environment } from '../../../core/config/environment.ts'
import { readConfig } from '../../../envoy/config.ts'
import { readEnvoyConfig, UnreadableConfigError } from '../../../envoy/lint/config/read-config.ts'
import { lint } from '../../../envoy/lint/lint.ts'
import { reportOf } from '../../../envoy/lint/report.ts'
import { renderEnvoyConfig } from '../../../envoy/render/render.ts'
import { readArguments, UsageError, type Command, type Output } from '../command.ts'

const HELP = `envoy lint [FILE|-] [--json]
    proves of an Envoy configuration that the gate is shut, and prints the routes that are open on purpose
    FILE       a configuration, or - for standard input; by default that of this environment
    --json     prints the findings as JSON
    exit code  0: every rule holds; 1: a finding; 2: the configuration cannot be read`

export const envoyLint: Command = { help: HELP, run }

async function run(args: readonly string[], environment: Environment): Promise<Output> {
  const { values, positionals } = readArguments(HELP, args, { json: { type: 'boolean', default: false } })
  if (positionals.length > 1) throw new UsageError(HELP)
  const result = lint(await readConfiguration(positionals[0], environment))
  const report = values.json ? JSON.stringify(result, null, 2) : reportOf(result)
  return { text: report, exitCode: result.findings.length === 0 ? 0 : 1 }
}

/** @throws UsageError, ConfigurationError */
async function readConfiguration(file: string | undefined, environment: Environment) {
  try {
    return readEnvoyConfig(await textOf(file, environment))
  } catch (error) {
    if (error instanceof UnreadableConfigError || (error instanceof Error && 'syscall' in error)) {
      throw new UsageError(error.message)
    }
    throw error
  }
}

async function textOf(file: string | undefined, environment: Environment): Promise<string> {
  if (file === undefined) return renderEnvoyConfig(readConfig(environment))
  return file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8')
}
