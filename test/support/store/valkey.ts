import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeAfterAll } from '../close-after-all.ts'
import { killValkey, launchValkey } from './valkey-process.ts'

/** A real store of its own, on a Unix socket. */
export interface Valkey {
  readonly url: string
  readonly socket: string
  /** Kills it, as in a crash. */
  kill(): Promise<void>
  restart(): Promise<void>
  /** Hangs: connections stay open without answers. */
  pause(): void
  resume(): void
}

/**
 * Starts a store that is stopped after the last test; it writes each command to a file before it answers, and so
 * survives a kill. It does not wait for the disk: the machine itself does not crash.
 *
 * @param settings - more of valkey.conf
 */
export async function startValkey(settings: Readonly<Record<string, string>> = {}): Promise<Valkey> {
  const folder = await mkdtemp(join(tmpdir(), 'connect-valkey-'))
  const socket = join(folder, 'valkey.sock')
  const durable = { appendonly: 'yes', appendfsync: 'no' }
  const all = { port: '0', unixsocket: socket, dir: folder, save: '', ...durable, ...settings }
  let child = await launchValkey(all)
  closeAfterAll(async () => {
    await killValkey(child)
    await rm(folder, { recursive: true })
  })
  return {
    url: `unix:${socket}`,
    socket,
    kill: () => killValkey(child),
    restart: async () => {
      await killValkey(child)
      child = await launchValkey(all)
    },
    pause: () => void child.kill('SIGSTOP'),
    resume: () => void child.kill('SIGCONT'),
  }
}
