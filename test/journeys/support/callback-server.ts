import { EventEmitter, once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closeAfterAll } from '../../support/close-after-all.ts'

/** A client's loopback callback: it keeps what the browser comes back with. */
export interface CallbackServer {
  readonly redirectUri: string
  readonly visits: readonly URLSearchParams[]
  next(): Promise<URLSearchParams>
}

export async function startCallbackServer(): Promise<CallbackServer> {
  const visits: URLSearchParams[] = []
  const arrivals = new EventEmitter()
  let taken = 0
  const server = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost')
    response.setHeader('content-type', 'text/plain')
    response.end('You can close this window.')
    if (pathname !== '/callback') return
    visits.push(searchParams)
    arrivals.emit('visit')
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return {
    redirectUri: `http://localhost:${(server.address() as AddressInfo).port}/callback`,
    visits,
    next: async () => {
      const at = taken
      taken += 1
      while (visits[at] === undefined) await once(arrivals, 'visit')
      return visits[at]
    },
  }
}
