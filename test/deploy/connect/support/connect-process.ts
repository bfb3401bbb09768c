import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'
import type { Environment } from '../../../../core/config/environment.ts'
import type { Written } from '../../../../deploy/connect/run-command.ts'
import { childEnvironment } from '../../../support/child-environment.ts'

const MAIN = join(import.meta.dirname, '../../../../deploy/connect/main.ts')

/** Runs `npm run connect -- …` as an operator does: in a process, with these variables only. */
export async function connectProcess(
  words: readonly string[],
  environment: Environment = {},
  input = '',
): Promise<Omit<Written, 'status'> & { readonly status: number | null }> {
  const child = spawn(process.execPath, [MAIN, ...words], { env: childEnvironment(environment) })
  const closed = once(child, 'close') as Promise<[number | null]>
  child.stdin.end(input)
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { stdout, stderr, status: (await closed)[0] }
}
