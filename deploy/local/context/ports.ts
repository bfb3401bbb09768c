import { freePorts, isFree } from './free-ports.ts'

/** The TCP ports of a stack, on 127.0.0.1: browsers and clients open them. */
export interface Ports {
  readonly connect: number
  readonly identityProvider: number
  readonly registry: number
  readonly platformMcp: number
  readonly files: number
}

export class PortTaken extends Error {
  constructor(port: number) {
    super(
      `port ${port} is in use: stop the process that listens there, or choose others with "npm start -- --port 9080"`,
    )
    this.name = 'PortTaken'
  }
}

/** Five in a row, so that one number names all of them. */
export function portsFrom(first: number): Ports {
  return {
    connect: first,
    identityProvider: first + 1,
    registry: first + 2,
    platformMcp: first + 3,
    files: first + 4,
  }
}

export async function freeStackPorts(): Promise<Ports> {
  const [connect = 0, identityProvider = 0, registry = 0, platformMcp = 0, files = 0] = await freePorts(5)
  return { connect, identityProvider, registry, platformMcp, files }
}

/** @throws PortTaken */
export async function requireFree(ports: Ports): Promise<void> {
  for (const port of Object.values(ports) as number[]) {
    if (!(await isFree(port))) throw new PortTaken(port)
  }
}
