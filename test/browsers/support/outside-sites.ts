import { once } from 'node:events'
import { createServer } from 'node:http'
import { createServer as createTlsServer } from 'node:https'
import { connect, type AddressInfo, type Socket } from 'node:net'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { TEST_SERVER } from '../../support/tls/test-server.ts'
import { until } from '../../support/until.ts'

/** The site of a client; its redirect URI. */
export const CLIENT_SITE = 'https://claude.ai/api/mcp/auth_callback'
/** Sends the browser on to an application, as the site of that name does. */
export const REDIRECTOR = 'https://vscode.dev/redirect'
const APPLICATION = 'vscode://vscode.github-authentication/did-authenticate'

/** Every https site of the internet, as the browsers see it: a proxy that connects to a server on this machine. */
export interface OutsideSites {
  /** `127.0.0.1:<port>` */
  readonly proxy: string
  /** Resolves to what the client's site receives next. */
  next(): Promise<URLSearchParams>
}

export async function startOutsideSites(): Promise<OutsideSites> {
  const received: URLSearchParams[] = []
  let taken = 0
  const site = createTlsServer(TEST_SERVER, (request, response) => {
    const url = new URL(request.url ?? '/', `https://${request.headers.host ?? ''}`)
    const [address] = url.href.split('?')
    if (address === CLIENT_SITE) received.push(url.searchParams)
    if (address === REDIRECTOR) response.writeHead(302, { location: APPLICATION + url.search })
    response.end('You are connected.')
  })
  const port = await listen(site)
  const proxy = createServer().on('connect', (_request, socket: Socket) => {
    const site = connect(port, '127.0.0.1')
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    for (const end of [socket, site]) end.on('error', () => [socket, site].map((each) => each.destroy()))
    socket.pipe(site).pipe(socket)
  })
  return {
    proxy: `127.0.0.1:${await listen(proxy)}`,
    next: async () => {
      const at = taken
      taken += 1
      await until(() => received.length > at, 'a request to the client’s site')
      return received[at] ?? new URLSearchParams()
    },
  }
}

async function listen(server: ReturnType<typeof createServer>): Promise<number> {
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfterAll(() => {
    server.closeAllConnections()
    server.close()
  })
  return (server.address() as AddressInfo).port
}
