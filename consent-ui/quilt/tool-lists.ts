import { z } from 'zod'
import { parseJson } from '../../core/http/parse-json.ts'
import { readBounded } from '../../core/http/read-bounded.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import type { McpService } from '../../core/services/service.ts'
import type { QuiltCredential } from '../../core/sessions/session.ts'
import { SHOWN_FACT_TIMEOUT_MS, TOOL_LIST_SECONDS } from '../lifetimes.ts'

interface ListedTool {
  readonly name: string
  /** Its first sentence; empty without one. */
  readonly description: string
}

interface Cached {
  readonly until: number
  readonly tools: readonly ListedTool[] | undefined
}

const MAX_ANSWER_BYTES = 1024 * 1024
const MAX_TOOLS = 200
const MAX_DESCRIPTION_CHARACTERS = 160
/** After a failure: a service that hangs must not delay each consent page. */
const RETRY_SECONDS = 60
const PROTOCOL_VERSION = '2025-06-18'

const toolsSchema = z.object({
  result: z.object({
    tools: z.array(z.object({ name: z.string().max(128), description: z.string().optional() })),
  }),
})

/** Tools of MCP servers, for the consent page: asked with the user's own credential, then kept for a while. */
export class ToolLists {
  readonly #log: Log
  readonly #now: () => number
  readonly #cached = new Map<string, Cached>()

  constructor({ log, now }: { readonly log: Log; readonly now: () => number }) {
    this.#log = log
    this.#now = now
  }

  /** @returns undefined if the service does not answer in time */
  async of(service: McpService, credential: QuiltCredential): Promise<readonly ListedTool[] | undefined> {
    const known = this.#cached.get(service.name)
    if (known !== undefined && known.until > this.#now()) return known.tools
    const tools = await listTools(service.upstream.url, credential.token).catch((error: unknown) => {
      const facts = { service: service.name, reason: describeError(error) }
      this.#log.info(facts, 'service: tools not listed for the consent page')
      return undefined
    })
    const seconds = tools === undefined ? RETRY_SECONDS : TOOL_LIST_SECONDS
    this.#cached.set(service.name, { until: this.#now() + seconds, tools })
    return tools
  }
}

async function listTools(url: URL, token: string): Promise<readonly ListedTool[]> {
  const post = poster(url, token)
  const clientInfo = { name: 'quilt-connect-consent-page', version: '1' }
  const parameters = { protocolVersion: PROTOCOL_VERSION, capabilities: {}, clientInfo }
  const { session } = await post({ id: 1, method: 'initialize', params: parameters })
  await post({ method: 'notifications/initialized' }, session)
  const { text } = await post({ id: 2, method: 'tools/list' }, session)
  const { tools } = toolsSchema.parse(messageIn(text)).result
  return tools
    .slice(0, MAX_TOOLS)
    .map(({ name, description = '' }) => ({ name, description: short(description) }))
}

function poster(url: URL, token: string) {
  const signal = AbortSignal.timeout(SHOWN_FACT_TIMEOUT_MS)
  const headers = {
    authorization: `Bearer ${token}`,
    'content-type': 'application/json',
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': PROTOCOL_VERSION,
  }
  return async function post(message: object, session?: string): Promise<{ text: string; session?: string }> {
    const body = JSON.stringify({ jsonrpc: '2.0', ...message })
    const ofSession = session === undefined ? {} : { 'mcp-session-id': session }
    // Never follow a redirect: the credential would go along.
    const request = {
      method: 'POST',
      headers: { ...headers, ...ofSession },
      body,
      signal,
      redirect: 'error',
    } as const
    const response = await fetch(url, request)
    const bytes = response.body === null ? '' : await readBounded(response.body, MAX_ANSWER_BYTES)
    if (!response.ok) throw new TypeError(`status ${response.status}`)
    const given = response.headers.get('mcp-session-id')
    return { text: bytes.toString(), ...(given === null ? {} : { session: given }) }
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
