import { z } from 'zod'
import { parseJson } from '../../core/http/parse-json.ts'
import { readBounded } from '../../core/http/read-bounded.ts'
import type { McpService } from '../../core/services/service.ts'
import type { QuiltCredential } from '../../core/sessions/session.ts'
import { SHOWN_FACT_TIMEOUT_MS } from '../lifetimes.ts'

export interface ToolList {
  readonly tools: readonly ListedTool[]
  /** False if the service has further tools. */
  readonly isComplete: boolean
}

interface ListedTool {
  readonly name: string
  /** Its first sentence; empty without one. */
  readonly description: string
}

const MAX_ANSWER_BYTES = 1024 * 1024
const MAX_TOOLS = 200
const MAX_DESCRIPTION_CHARACTERS = 160
const PROTOCOL_VERSION = '2025-06-18'

const initializedSchema = z.object({
  result: z.object({ protocolVersion: z.string().regex(/^\d{4}-\d{2}-\d{2}$/) }),
})
const toolsSchema = z.object({
  result: z.object({
    tools: z.array(z.object({ name: z.string().max(128), description: z.string().optional() })),
    nextCursor: z.string().optional(),
  }),
})

/**
 * Asks an MCP server for its tools with a user's own credential.
 *
 * @param onSession - called with the work that ends the server's session, if it opened one, once it is begun
 * @throws if the server does not answer in time, or not as MCP says
 */
export async function listTools(
  { upstream }: McpService,
  { token }: QuiltCredential,
  onSession: (ended: Promise<unknown>) => void,
): Promise<ToolList> {
  const connection = new Connection(upstream.url, token)
  try {
    await connection.initialize()
    const { tools, nextCursor } = toolsSchema.parse(
      await connection.post({ id: 2, method: 'tools/list' }),
    ).result
    const listed = tools.slice(0, MAX_TOOLS)
    return {
      tools: listed.map(({ name, description = '' }) => ({ name, description: short(description) })),
      isComplete: nextCursor === undefined && listed.length === tools.length,
    }
  } finally {
    const ended = connection.end()
    if (ended !== undefined) onSession(ended)
  }
}

/** One exchange of messages with a server (MCP, Streamable HTTP). */
class Connection {
  readonly #url: URL
  readonly #signal = AbortSignal.timeout(SHOWN_FACT_TIMEOUT_MS)
  #headers: Readonly<Record<string, string>>

  constructor(url: URL, token: string) {
    this.#url = url
    this.#headers = { authorization: `Bearer ${token}`, 'mcp-protocol-version': PROTOCOL_VERSION }
  }

  async initialize(): Promise<void> {
    const clientInfo = { name: 'quilt-connect-consent-page', version: '1' }
    const params = { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo }
    const { result } = initializedSchema.parse(await this.post({ id: 1, method: 'initialize', params }))
    this.#headers = { ...this.#headers, 'mcp-protocol-version': result.protocolVersion }
    await this.post({ method: 'notifications/initialized' })
  }

  async post(message: object): Promise<unknown> {
    const headers = {
      ...this.#headers,
      'content-type': 'application/json',
      accept: 'application/json, text/event-stream',
    }
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    const response = await this.#send({ method: 'POST', headers, body, signal: this.#signal })
    const session = response.headers.get('mcp-session-id')
    if (session !== null) this.#headers = { ...this.#headers, 'mcp-session-id': session }
    const bytes = response.body === null ? '' : await readBounded(response.body, MAX_ANSWER_BYTES)
    if (!response.ok) throw new TypeError(`status ${response.status}`)
    return messageIn(bytes.toString())
  }

  /** Ends the session; undefined if the server keeps none. A server may refuse this with 405. */
  end(): Promise<unknown> | undefined {
    if (this.#headers['mcp-session-id'] === undefined) return undefined
    const signal = AbortSignal.timeout(SHOWN_FACT_TIMEOUT_MS)
    return this.#send({ method: 'DELETE', headers: this.#headers, signal }).then(({ body }) => body?.cancel())
  }

  async #send(request: RequestInit): Promise<Response> {
    // Never follow a redirect: the credential would go along.
    return await fetch(this.#url, { ...request, redirect: 'error' })
  }
}

/** The message of a JSON answer, or the last one of an event stream. */
function messageIn(text: string): unknown {
  const data = [...text.matchAll(/^data:(.*)$/gm)].at(-1)?.[1]
  return parseJson(data ?? text)
}

function short(description: string): string {
  const [sentence = ''] = /^.*?(?:\.(?=\s|$)|\n|$)/.exec(description.trim()) ?? []
  const text = sentence.trim()
  return text.length > MAX_DESCRIPTION_CHARACTERS ? `${text.slice(0, MAX_DESCRIPTION_CHARACTERS)}…` : text
}
