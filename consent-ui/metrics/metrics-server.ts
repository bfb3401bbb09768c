import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { Registry } from '@prometheus-io/client'
import { listen } from '../../core/network/listen.ts'
import { isLoopback, type ListenAddress } from '../../core/config/settings.ts'

/** Serves `/metrics` on a listener of its own, which only this machine reaches. */
export async function serveMetrics(registry: Registry, address: ListenAddress): Promise<Server> {
  const server = createServer((request, response) => {
    if (request.method !== 'GET' || request.url !== '/metrics' || !namesThisMachine(request)) {
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

/** False for a web page whose own name resolves to this machine (DNS rebinding): it sends that name. */
function namesThisMachine({ headers: { host } }: IncomingMessage): boolean {
  return isLoopback(URL.parse(`http://${host}`)?.hostname ?? '')
}
