import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { lstat, rm } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import type { ListenAddress } from '../config/settings.ts'

/** Owner and group; the folder's permissions restrict access further. */
const SOCKET_MODE = 0o660

/** Starts to listen. Replaces the socket file of a killed process, but not one that another process listens at. */
export async function listen(server: Server, address: ListenAddress): Promise<void> {
  if ('path' in address) await removeStaleSocket(address.path)
  server.listen(address)
  await once(server, 'listening')
  if ('path' in address) chmodSync(address.path, SOCKET_MODE)
}

/**
 * Removes a socket file that no process listens at.
 *
 * @throws Error if a process may listen there, or if the file is not a socket, so that a mistyped path deletes nothing
 */
export async function removeStaleSocket(path: string): Promise<void> {
  const file = await lstat(path).catch(undefinedIfAbsent)
  if (file === undefined) return
  if (!file.isSocket()) throw new Error(`${path} exists and is not a socket`)
  if (await mayAnswer(path)) throw new Error(`another process listens at ${path}`)
  await rm(path, { force: true })
}

function undefinedIfAbsent(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

/** A full queue (EAGAIN) or another user's socket (EACCES) may still have a listener. */
const NO_LISTENER = new Set<string | undefined>(['ECONNREFUSED', 'ENOENT'])

function mayAnswer(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', (error: NodeJS.ErrnoException) => resolve(!NO_LISTENER.has(error.code)))
  })
}
