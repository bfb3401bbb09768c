import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { COMPILE_CACHE } from '../support/child-environment.ts'

const ROOT = join(import.meta.dirname, '../..')

/** Runs a command at the project's root. @returns `exit status N`, or the signal that ended it */
export async function runProcess(
  command: string,
  args: readonly string[],
  write: (text: string) => void,
): Promise<string> {
  const child = spawn(command, args, {
    cwd: ROOT,
    env: { ...process.env, NODE_COMPILE_CACHE: COMPILE_CACHE },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', write)
  const [status, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return signal ?? `exit status ${status ?? ''}`
}
