import { spawn, type ChildProcess, type SpawnOptions } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createOrphanGuard } from '../../../deploy/local/supervisor/orphan-guard.ts'

/** Of this run. When this process has ended, however it ended, the guard ends what is left and removes the folder. */
const folder = mkdtempSync(join(tmpdir(), 'quilt-connect-browsers-'))
const guard = createOrphanGuard(folder)

export function newProfile(): string {
  return mkdtempSync(join(folder, 'profile-'))
}

export function startProgram(
  program: string,
  args: readonly string[],
  options: SpawnOptions = {},
): ChildProcess {
  const child = spawn(program, args, { stdio: 'ignore', ...options })
  if (child.pid !== undefined) guard.hold(child.pid)
  return child
}

export async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
}
