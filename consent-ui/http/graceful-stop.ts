import type { Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'

/** Idle connections stay open this long, since a request may be on its way. */
const LINGER_MS = 500

/** Stops an HTTP server without losing a request. */
export class GracefulStop {
  readonly #server: Server
  readonly #unanswered = new Set<ServerResponse>()
  #isStopping = false

  constructor(server: Server) {
    this.#server = server
    // Runs before the application, which may answer at once.
    server.prependListener('request', (_request, response) => this.#watch(response))
  }

  /** Accepts no more connections, and settles when every request is answered and every connection is closed. */
  async stop(): Promise<void> {
    this.#isStopping = true
    for (const response of this.#unanswered) closeAfter(response)
    const { promise: closed, resolve } = Promise.withResolvers<unknown>()
    // The HTTP server's own `close` would close idle connections at once.
    NetServer.prototype.close.call(this.#server, resolve)
    const linger = setTimeout(() => this.#server.closeIdleConnections(), LINGER_MS)
    await closed
    clearTimeout(linger)
  }

  #watch(response: ServerResponse): void {
    if (this.#isStopping) closeAfter(response)
    this.#unanswered.add(response)
    response.once('close', () => this.#unanswered.delete(response))
  }
}

/** RFC 9112 section 9.6. If the headers are sent already, the end of the connection shows it. */
function closeAfter(response: ServerResponse): void {
  const { socket } = response
  if (response.headersSent) response.once('finish', () => socket?.end())
  else response.setHeader('Connection', 'close')
}
