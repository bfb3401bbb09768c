import { once } from 'node:events'
import { chmodSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { connect, type Server } from 'node:net'
import type { ListenAddress } from './settings.ts'

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
 * @throws Error when somebody does
 */
export async function removeStaleSocket(path: string): Promise<void> {
  if (await answers(path)) throw new Error(`another process listens at ${path}`)
  await rm(path, { force: true })
}

function answers(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(path)
    socket.once('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.once('error', () => resolve(false))
  })
}
