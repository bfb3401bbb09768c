import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import process from 'node:process'
import { text } from 'node:stream/consumers'

const MAIN = join(import.meta.dirname, '../../../../deploy/connect/main.ts')

export interface Run {
  readonly status: number | null
  readonly printed: string
  readonly complained: string
}

/** Runs `npm run keys -- …` in this environment only. */
export async function runKeys(
  words: readonly string[],
  environment: Readonly<Record<string, string>> = {},
): Promise<Run> {
  const child = spawn(process.execPath, [MAIN, 'keys', ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'exit') as Promise<[number | null]>
  const [printed, complained] = await Promise.all([text(child.stdout), text(child.stderr)])
  return { status: (await exited)[0], printed, complained }
}
