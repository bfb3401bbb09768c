import { createServer, type IncomingMessage, type Server } from 'node:http'
import { isLoopback, type ListenAddress } from '../config/settings.ts'
import { listen } from '../network/listen.ts'

/** A registry of metrics, or another process that has them. */
export interface MetricsSource {
  readonly contentType: string
  metrics(): Promise<string>
}

/** Serves `/metrics` on a listener of its own, which only this machine reaches. */
export async function serveMetrics(source: MetricsSource, address: ListenAddress): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics' || !namesThisMachine(request)) {
      response.writeHead(404).end()
      return
    }
    source.metrics().then(
      (text) => response.writeHead(200, { 'content-type': source.contentType }).end(text),
      () => response.writeHead(503).end(),
    )
  })
  await listen(server, address)
  return server
}

/** False for a web page whose own name resolves to this machine (DNS rebinding): it sends that name. */
function namesThisMachine({ headers: { host } }: IncomingMessage): boolean {
  return isLoopback(URL.parse(`http://${host}`)?.hostname ?? '')
}
