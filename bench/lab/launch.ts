import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import type { OrphanGuard } from '../../deploy/local/supervisor/orphan-guard.ts'

const POLL_MS = 20
const MAX_START_MS = 60_000
/** Of the log of a process that does not start. */
const LAST_CHARACTERS = 1000

export interface Running {
  readonly pid: number
  readonly stop: () => Promise<void>
}

export interface Program {
  readonly name: string
  readonly command: string
  readonly args: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  readonly isReady: () => Promise<boolean>
}

/** The folder of logs and sockets, and the guard that ends processes after a crash. */
export interface BenchContext {
  readonly folder: string
  readonly orphanGuard: OrphanGuard
}

/** @throws Error if it ends, or is not ready in time */
export async function launch(program: Program, { folder, orphanGuard }: BenchContext): Promise<Running> {
  const { name, command, args, environment = {}, isReady } = program
  const file = join(folder, `${name}.log`)
  const log = openSync(file, 'w', 0o600)
  const child = spawn(command, args, { env: environment, stdio: ['ignore', log, log] })
  closeSync(log)
  const { pid } = child
  if (pid === undefined) throw new Error(`${basename(command)} cannot be run`)
  orphanGuard.hold(pid)
  const hasEnded = (): boolean => child.exitCode !== null || child.signalCode !== null
  const stop = async (): Promise<void> => {
    if (hasEnded()) return
    const ended = once(child, 'exit')
    child.kill('SIGKILL')
    await ended
  }
  const deadlineMs = performance.now() + MAX_START_MS
  while (!(await isReady().catch(() => false))) {
    if (hasEnded() || performance.now() > deadlineMs) {
      await stop()
      throw new Error(`${name} did not start: ${readFileSync(file, 'utf8').slice(-LAST_CHARACTERS)}`)
    }
    await setTimeout(POLL_MS)
  }
  return { pid, stop }
}
