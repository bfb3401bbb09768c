import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { VALKEY } from '../../../deploy/local/tools/binaries.ts'
import { findBinary } from '../../../deploy/local/tools/find-binary.ts'

/** Starts a store, and waits until it is ready. */
export async function launchValkey(settings: Readonly<Record<string, string>>): Promise<ChildProcess> {
  const args = Object.entries(settings).flatMap(([name, value]) => [`--${name}`, value])
  const child = spawn(await findBinary(VALKEY), args, { stdio: ['ignore', 'pipe', 'inherit'] })
  for await (const line of createInterface(child.stdout)) {
    if (line.includes('Ready to accept connections')) {
      child.stdout.resume()
      return child
    }
  }
  throw new Error('the store ended before it was ready')
}

/** Kills it, as in a crash. */
export async function killValkey(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const exited = once(child, 'exit')
  child.kill('SIGKILL')
  await exited
}
