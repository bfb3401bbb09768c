import { existsSync } from 'node:fs'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import type { Group } from './groups.ts'
import { runProcess } from './run-process.ts'
import { failed } from './run-tasks.ts'
import type { Summary } from './summary.ts'
import type { Outcome, Task } from './task.ts'

const MOCHA = join(import.meta.dirname, '../../node_modules/mocha/bin/mocha.js')
const REPORTER = join(import.meta.dirname, 'reporter.ts')

/** @param mochaArguments - go to mocha beside the group's files */
export function groupTask({ name, files }: Group, mochaArguments: readonly string[]): Task {
  return {
    name: `test: ${name} (${files.length} files)`,
    run: async (write) => await runGroup([...mochaArguments, ...files], write),
  }
}

/** Runs test files in a mocha process. It is good if mocha ran its last test and exited with status 0. */
export async function runGroup(args: readonly string[], write: (text: string) => void): Promise<Outcome> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-run-'))
  try {
    const summaryFile = join(folder, 'summary.json')
    const reporting = ['--reporter', REPORTER, '--reporter-option', `summary=${summaryFile}`]
    const status = await runProcess(process.execPath, [MOCHA, ...reporting, ...args], write)
    if (existsSync(summaryFile))
      return { ...(await readSummary(summaryFile)), isGood: status === 'exit status 0' }
    const error = `mocha ended before its last test: ${status}`
    write(`\n${error}\n`)
    return failed(args.join(' '), error)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function readSummary(file: string): Promise<Summary> {
  return JSON.parse(await readFile(file, 'utf8')) as Summary
}
