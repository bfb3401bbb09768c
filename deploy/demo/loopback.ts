import type { RequestListener } from 'node:http'
import { listenAddress } from '../../core/config/settings.ts'

/** The demo servers hold demo passwords: nobody else on the network may reach them. */
export const loopbackAddress = listenAddress.refine(
  (address) => 'host' in address && address.host === '127.0.0.1',
  { message: 'must be 127.0.0.1:port' },
)

/**
 * Answers only requests that were addressed to this machine. A web page whose own name was made to resolve to
 * 127.0.0.1 (DNS rebinding) reaches the port, but its browser still sends the page's name as Host.
 */
export function onlyThisMachine(handler: RequestListener): RequestListener {
  return (request, response) => {
    const port = request.socket.localPort
    const host = request.headers.host?.toLowerCase()
    if (host === `localhost:${port}` || host === `127.0.0.1:${port}`) {
      handler(request, response)
      return
    }
    // RFC 9110 section 15.5.20: the request was directed at a server that doesn't answer for that host.
    response.writeHead(421, { 'content-type': 'application/json' })
    response.end(JSON.stringify({ message: `Only for this machine: use http://localhost:${port}.` }))
  }
}
