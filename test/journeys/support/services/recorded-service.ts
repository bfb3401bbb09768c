import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { closeAfterAll } from '../../../support/close-after-all.ts'

/** A service that records request headers. */
export interface RecordedService {
  readonly url: string
  readonly requests: IncomingHttpHeaders[]
  /** Answers with another handler from now on. */
  serve(handler: RequestListener): void
  /** Stops listening, until it is started again. */
  stop(): Promise<void>
  start(): Promise<void>
}

export async function recordService(first: RequestListener, path: string): Promise<RecordedService> {
  let handler = first
  const requests: IncomingHttpHeaders[] = []
  const server = createServer((request, response) => {
    requests.push(request.headers)
    handler(request, response)
  })
  const start = async (port: number): Promise<void> => {
    server.listen(port, '127.0.0.1')
    await once(server, 'listening')
  }
  const stop = async (): Promise<void> => {
    if (!server.listening) return
    const closed = once(server, 'close')
    server.close()
    server.closeAllConnections()
    await closed
  }
  await start(0)
  closeAfterAll(stop)
  const { port } = server.address() as AddressInfo
  const serve = (next: RequestListener): void => void (handler = next)
  return { url: `http://127.0.0.1:${port}${path}`, requests, serve, stop, start: () => start(port) }
}
