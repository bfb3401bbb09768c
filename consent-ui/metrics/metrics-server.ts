import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Registry } from '@prometheus-io/client'
import { listen } from '../../core/network/listen.ts'
import { isLoopback, type ListenAddress } from '../../core/config/settings.ts'

/** Serves the metrics at `/metrics`, on a listener of their own that nothing outside of the machine reaches. */
export async function serveMetrics(registry: Registry, address: ListenAddress): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics' || !isAskedHere(request)) {
      response.writeHead(404).end()
      return
    }
    registry.metrics().then(
      (text) => response.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => response.writeHead(503).end(),
    )
  })
  await listen(server, address)
  return server
}

/** A web page whose name leads to this machine asks for that name (DNS rebinding). */
function isAskedHere({ headers: { host } }: IncomingMessage): boolean {
  return isLoopback(URL.parse(`http://${host}`)?.hostname ?? '')
}
