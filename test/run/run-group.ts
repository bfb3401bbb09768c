import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { readCounts, type Counts } from './counts.ts'

const ROOT = join(import.meta.dirname, '../..')
const MOCHA = join(ROOT, 'node_modules/mocha/bin/mocha.js')

export interface Outcome extends Counts {
  /** Mocha ended by itself, after its last test, with nothing to complain about. */
  readonly isGood: boolean
}

/**
 * Runs test files in a mocha process.
 *
 * @param write - is given what mocha prints, as it comes
 */
export async function runGroup(args: readonly string[], write: (text: string) => void): Promise<Outcome> {
  const child = spawn(process.execPath, [MOCHA, ...args], { cwd: ROOT, stdio: ['ignore', 'pipe', 'pipe'] })
  let output = ''
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      write(text)
    })
  }
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  const counts = readCounts(output)
  if (counts === undefined)
    write(`\nmocha ended before its last test: ${signal ?? `exit status ${status ?? ''}`}\n`)
  return { passed: 0, failed: 0, ...counts, isGood: status === 0 && counts !== undefined }
}
