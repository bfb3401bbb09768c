import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { PERSON } from './sessions.ts'

/** Starts a Registry with active users. authz asks it about each session in use every 45 seconds. */
export async function startRegistry(): Promise<{ readonly url: string; readonly stop: () => Promise<void> }> {
  const me = { current_user: PERSON.name, email: PERSON.email, is_staff: false, is_active: true }
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(me))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      server.closeAllConnections()
      await server[Symbol.asyncDispose]()
    },
  }
}
