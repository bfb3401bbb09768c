import { EventEmitter, once } from 'node:events'
import type {
  IncomingHttpHeaders,
  IncomingMessage,
  OutgoingHttpHeaders,
  RequestListener,
  ServerResponse,
} from 'node:http'
import { text } from 'node:stream/consumers'
import { EventStream } from '../event-stream.ts'
import { handshakeAnswer, type Message } from '../handshake.ts'

/** A request that reached the service; the test says what it answers, and when. */
export class Exchange {
  /** The JSON-RPC method, or the HTTP method where there is no message. */
  readonly name: string
  readonly headers: IncomingHttpHeaders
  readonly message: Message | undefined
  /** MCP 2025-11-25's. */
  readonly session: string | undefined
  readonly #response: ServerResponse

  constructor({ method = '', headers }: IncomingMessage, body: string, response: ServerResponse) {
    this.message = body === '' ? undefined : (JSON.parse(body) as Message)
    this.name = this.message?.method ?? method
    this.headers = headers
    this.session = headers['mcp-session-id']?.toString()
    this.#response = response
  }

  answer(status: number, body: string, headers: OutgoingHttpHeaders = {}): void {
    this.#response.writeHead(status, { 'content-type': 'application/json', ...headers })
    this.#response.end(body)
  }

  result(result: object, headers: OutgoingHttpHeaders = {}): void {
    this.answer(200, JSON.stringify({ jsonrpc: '2.0', id: this.message?.id, result }), headers)
  }

  stream(headers: OutgoingHttpHeaders = {}): EventStream {
    return new EventStream(this.#response, headers)
  }
}

/** A service over Streamable HTTP that shakes hands by itself, and else answers what a test tells it to. */
export interface ScriptedService {
  readonly listener: RequestListener
  /**
   * The next request of that name which was not taken yet, by the client that shook hands last.
   *
   * @param name - JSON-RPC method, or HTTP method where there is no message
   * @param session - of another client, in MCP 2025-11-25
   */
  next(name: string, session?: string): Promise<Exchange>
}

export function scriptedService(): ScriptedService {
  const waiting: Exchange[] = []
  const arrivals = new EventEmitter()
  /** Of every client that shook hands in MCP 2025-11-25, the last one at the end. */
  const sessions: string[] = []
  const isOfLast = ({ session = '' }: Exchange): boolean => !sessions.slice(0, -1).includes(session)

  async function receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchange = new Exchange(request, await text(request), response)
    const answer = handshakeAnswer(exchange.message)
    if (answer === undefined) {
      waiting.push(exchange)
      arrivals.emit('request')
    } else if (answer === 'accepted') exchange.answer(202, '')
    else if (exchange.name === 'initialize') {
      const session = `session-${sessions.length}`
      sessions.push(session)
      exchange.result(answer, { 'mcp-session-id': session })
    } else exchange.result(answer)
  }

  return {
    listener: (request, response) => {
      receive(request, response).catch(() => response.destroy())
    },
    async next(name, session) {
      const isWanted = session === undefined ? isOfLast : (exchange: Exchange) => exchange.session === session
      for (;;) {
        const at = waiting.findIndex((exchange) => exchange.name === name && isWanted(exchange))
        const [found] = at === -1 ? [] : waiting.splice(at, 1)
        if (found !== undefined) return found
        await once(arrivals, 'request')
      }
    },
  }
}
