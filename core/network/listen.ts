import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { lstat, rm } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import type { ListenAddress } from '../config/settings.ts'

/** Owner and group: the folder around the socket decides who gets that far. */
const SOCKET_MODE = 0o660

/** Begins to listen; a socket file that a killed process left behind is replaced, one that answers is not. */
export async function listen(server: Server, address: ListenAddress): Promise<void> {
  if ('path' in address) await removeStaleSocket(address.path)
  server.listen(address)
  await once(server, 'listening')
  if ('path' in address) chmodSync(address.path, SOCKET_MODE)
}

/**
 * Removes a socket file that nobody listens at.
 *
 * @throws Error when somebody does, or may, and for a file that is no socket: a mistyped path deletes nothing
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const file = await lstat(path).catch(undefinedIfAbsent)
  if (file === undefined) return
  if (!file.isSocket()) throw new Error(`${path} is there and is no socket`)
  if (await mayAnswer(path)) throw new Error(`another process listens at ${path}`)
  await rm(path, { force: true })
}

function undefinedIfAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** Only a refusal says that nobody listens: a full queue (EAGAIN) or another's socket (EACCES) do not. */
const NOBODY_LISTENS = new Set<string | undefined>(['ECONNREFUSED', 'ENOENT'])

function mayAnswer(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(!NOBODY_LISTENS.has(error.code)))
  })
}
