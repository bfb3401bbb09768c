import type { IncomingMessage, RequestListener, ServerResponse } from 'node:http'
import { text } from 'node:stream/consumers'
import { sha256 } from '../../../core/keys/hash.ts'

const VERSION = '2025-03-26'

interface Message {
  readonly id?: number
  readonly method: string
}

/** An MCP server with a session for each client, an older version, and one tool for each credential. */
export class SessionMcp {
  /** Method, version and session of each request, in order. */
  readonly asked: string[] = []
  fails = false
  nextCursor: string | undefined
  #sessions = 0

  readonly listener: RequestListener = (request, response) => void this.#answer(request, response)

  forget(): void {
    this.asked.length = 0
    this.#sessions = 0
    this.fails = false
    this.nextCursor = undefined
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await text(request)
    const { id, method = '' } = (body === '' ? {} : JSON.parse(body)) as Partial<Message>
    const { 'mcp-protocol-version': version, 'mcp-session-id': session } = request.headers
    const facts = [request.method, method, version, session]
    this.asked.push(facts.filter((fact) => fact !== undefined && fact !== '').join(' '))
    if (method === 'initialize') response.setHeader('mcp-session-id', `session-${(this.#sessions += 1)}`)
    if (id === undefined) response.writeHead(202).end()
    else if (this.fails && method === 'tools/list') response.writeHead(500).end()
    else {
      const result = method === 'initialize' ? { protocolVersion: VERSION } : this.#toolsFor(request)
      response.end(JSON.stringify({ jsonrpc: '2.0', id, result }))
    }
  }

  #toolsFor({ headers }: IncomingMessage) {
    const token = headers.authorization?.replace('Bearer ', '') ?? ''
    const { nextCursor } = this
    return { tools: [{ name: toolFor(token) }], ...(nextCursor === undefined ? {} : { nextCursor }) }
  }
}

export function toolFor(token: string): string {
  return `tool-${sha256(token).slice(0, 8)}`
}
