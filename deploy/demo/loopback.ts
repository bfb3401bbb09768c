import type { RequestListener } from 'node:http'
import { listenAddress } from '../../core/config/settings.ts'

/** Demo passwords are public, so no other machine may reach the demo servers. */
export const loopbackAddress = listenAddress.refine(
  (address) => 'host' in address && address.host === '127.0.0.1',
  { message: 'must be 127.0.0.1:port' },
)

/**
 * Refuses requests whose Host is another machine. This stops DNS rebinding: a web page whose name resolves to 127.0.0.1
 * reaches the port, but its browser sends the page's name as Host.
 */
export function onlyThisMachine(handler: RequestListener): RequestListener {
  return (request, response) => {
    const port = request.socket.localPort
    const host = request.headers.host?.toLowerCase()
    if (host === `localhost:${port}` || host === `127.0.0.1:${port}`) {
      handler(request, response)
      return
    }
    // RFC 9110 section 15.5.20.
    response.writeHead(421, { 'content-type': 'application/json' })
    response.end(
      JSON.stringify({ message: `This server is for this machine only: use http://localhost:${port}.` }),
    )
  }
}
