import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer } from 'node:net'

/** Below the ports that a system gives to outgoing connections: from 32768 on Linux, from 49152 on macOS. */
const CANDIDATES = { from: 10_000, below: 32_000 }

/** Finds different free ports of 127.0.0.1. Another process may take one before it is used. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>()
  while (ports.size < count) {
    const port = randomInt(CANDIDATES.from, CANDIDATES.below)
    if (await isFree(port)) ports.add(port)
  }
  return [...ports]
}

export async function isFree(port: number): Promise<boolean> {
  const server = createServer().listen(port, '127.0.0.1')
  try {
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return false
    throw error
  }
  await server[Symbol.asyncDispose]()
  return true
}
