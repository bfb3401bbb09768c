import { randomInt } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type AddressInfo } from 'node:net'

/** Where everything of the stack listens that a browser or a client opens, on 127.0.0.1. */
export interface Ports {
  readonly connect: number
  readonly identityProvider: number
  readonly registry: number
  readonly platformMcp: number
  readonly files: number
}

/** A port is taken by somebody else; the message is one line and says what to do. */
export class PortTaken extends Error {
  constructor(port: number) {
    super(`port ${port} is in use: stop what listens there, or choose others with "npm start -- --port 9080"`)
    this.name = 'PortTaken'
  }
}

/** Five in a row, so that one number tells all of them. */
export function portsFrom(first: number): Ports {
  return {
    connect: first,
    identityProvider: first + 1,
    registry: first + 2,
    platformMcp: first + 3,
    files: first + 4,
  }
}

/** Five that are free now. */
export async function freePorts(): Promise<Ports> {
  const [connect, identityProvider, registry, platformMcp, files] = [
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
    await freePort(),
  ]
  return { connect, identityProvider, registry, platformMcp, files }
}

/** @throws PortTaken */
export async function requireFree(ports: Ports): Promise<void> {
  for (const port of Object.values(ports) as number[]) {
    await listenOnce(port).catch((error: unknown) => {
      if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') throw new PortTaken(port)
      throw error
    })
  }
}

/**
 * Systems give their connections ports from 32768 (Linux) or 49152 (macOS) on: one below stays free until it is used,
 * unless another process picks the same one.
 */
const FREE_PORTS = { from: 10_000, below: 32_000 }

/** A port that is free now, and that no connection takes by chance. */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = randomInt(FREE_PORTS.from, FREE_PORTS.below)
    const isFree = await listenOnce(port).then(
      () => true,
      () => false,
    )
    if (isFree) return port
  }
}

async function listenOnce(port: number): Promise<number> {
  const server = createServer().listen(port, '127.0.0.1')
  await once(server, 'listening')
  const { port: taken } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return taken
}
