import type { OutgoingHttpHeaders, ServerResponse } from 'node:http'

export class EventStream {
  /** Resolves when the answer ended or was cut off. */
  readonly closed: Promise<void>
  readonly #response: ServerResponse

  constructor(response: ServerResponse, headers: OutgoingHttpHeaders) {
    this.#response = response
    const { promise, resolve } = Promise.withResolvers<undefined>()
    this.closed = promise
    response.once('close', () => resolve(undefined))
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache', ...headers })
    response.flushHeaders()
  }

  /** @param id - with which a client may ask for what comes after it (`Last-Event-ID`) */
  send(message: object, id?: string): void {
    const line = id === undefined ? '' : `id: ${id}\n`
    this.#response.write(`${line}data: ${JSON.stringify({ jsonrpc: '2.0', ...message })}\n\n`)
  }

  /** A comment, to show that the stream lives. */
  beat(): void {
    this.#response.write(': beat\n\n')
  }

  end(): void {
    this.#response.end()
  }
}
