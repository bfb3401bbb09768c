import { readFileSync } from 'node:fs'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { ConfigurationError } from '../../core/config/environment.ts'
import { readConfig } from '../config.ts'
import { renderEnvoyConfig } from '../render/render.ts'
import { lint } from './lint.ts'
import { readEnvoyConfig, UnreadableConfigError } from './config/read-config.ts'
import { reportOf } from './report.ts'

/** `npm run envoy:lint [file]`: checks a file, standard input (`-`), or the configuration of the environment. */
async function textOf(file: string | undefined): Promise<string> {
  if (file === undefined) return renderEnvoyConfig(readConfig(process.env))
  return file === '-' ? await text(process.stdin) : readFileSync(file, 'utf8')
}

try {
  const result = lint(readEnvoyConfig(await textOf(readFileName())))
  console.log(reportOf(result))
  process.exitCode = result.findings.length === 0 ? 0 : 1
} catch (error) {
  const isExpected =
    error instanceof UnreadableConfigError ||
    error instanceof ConfigurationError ||
    isFileError(error) ||
    isUsageError(error)
  if (!isExpected) throw error
  console.error(error.message)
  process.exitCode = 2
}

function readFileName(): string | undefined {
  const { positionals } = parseArgs({ allowPositionals: true })
  if (positionals.length <= 1) return positionals[0]
  throw Object.assign(new TypeError('usage: npm run envoy:lint [file]'), { code: 'ERR_PARSE_ARGS_TOO_MANY' })
}

function isUsageError(error: unknown): error is Error {
  return error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS_')
}

function isFileError(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'syscall' in error
}
