import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Summary } from './summary.ts'

const ROOT = join(import.meta.dirname, '../..')
const MOCHA = join(ROOT, 'node_modules/mocha/bin/mocha.js')
const REPORTER = join(import.meta.dirname, 'reporter.ts')
/** Hundreds of processes start during a run: Node compiles each file once for all of them. */
const ENVIRONMENT = { NODE_COMPILE_CACHE: join(ROOT, 'node_modules/.compile-cache'), ...process.env }

export interface Outcome extends Summary {
  /** Mocha ran its last test and exited with status 0. */
  readonly isGood: boolean
}

/**
 * Runs test files in a mocha process.
 *
 * @param write - is given mocha's output as it comes
 */
export async function runGroup(args: readonly string[], write: (text: string) => void): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-run-'))
  try {
    const summaryFile = join(folder, 'summary.json')
    const status = await runMocha(
      ['--reporter', REPORTER, '--reporter-option', `summary=${summaryFile}`, ...args],
      write,
    )
    if (existsSync(summaryFile))
      return { ...(await readSummary(summaryFile)), isGood: status === 'exit status 0' }
    const error = `mocha ended before its last test: ${status}`
    write(`\n${error}\n`)
    return {
      passed: 0,
      failures: [{ file: args.join(' '), title: '', error }],
      secondsOfFiles: {},
      isGood: false,
    }
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** @returns the exit status, or the signal that ended mocha */
async function runMocha(args: readonly string[], write: (text: string) => void): Promise<string> {
  const child = spawn(process.execPath, [MOCHA, ...args], {
    cwd: ROOT,
    env: ENVIRONMENT,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', write)
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return signal ?? `exit status ${status ?? ''}`
}

async function readSummary(file: string): Promise<Summary> {
  return JSON.parse(await readFile(file, 'utf8')) as Summary
}
