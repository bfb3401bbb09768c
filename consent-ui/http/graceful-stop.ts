import type { Server, ServerResponse } from 'node:http'
import { Server as NetServer } from 'node:net'

/** A client may be sending a request on a connection that is idle here: it stays open this long. */
const LINGER_MS = 500

/** Stops an HTTP server without losing a request that has reached it. */
export class GracefulStop {
  readonly #server: Server
  readonly #unanswered = new Set<ServerResponse>()
  #isStopping = false

  constructor(server: Server) {
    this.#server = server
    // Before the application, which may answer at once.
    server.prependListener('request', (_request, response) => this.#watch(response))
  }

  /** Stops accepting connections, and settles when every request was answered and every connection has closed. */
  async stop(): Promise<void> {
    this.#isStopping = true
    for (const response of this.#unanswered) closeAfter(response)
    const { promise: closed, resolve } = Promise.withResolvers<unknown>()
    // Not the HTTP server's own `close`, which closes idle connections at once.
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

/** RFC 9112 section 9.6. Where the headers were sent already, the client learns it from the connection's end. */
function closeAfter(response: ServerResponse): void {
  const { socket } = response
  if (response.headersSent) response.once('finish', () => socket?.end())
  else response.setHeader('Connection', 'close')
}
