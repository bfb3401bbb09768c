import { once } from 'node:events'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closeAfterAll } from './close-after-all.ts'

export interface Listening {
  readonly origin: string
  stop(): void
}

/** Listens on a free port of this machine, until the last test is over. */
export async function listenOnFreePort(handler: RequestListener): Promise<Listening> {
  const server = createServer(handler)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const stop = (): void => {
    server.close()
    server.closeAllConnections()
  }
  closeAfterAll(stop)
  return { origin: `http://localhost:${(server.address() as AddressInfo).port}`, stop }
}
