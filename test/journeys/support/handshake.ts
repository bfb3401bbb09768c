/** JSON-RPC, as far as the tests look into it. */
export interface Message {
  readonly id?: number | string
  /** Absent in an answer. */
  readonly method?: string
  readonly params?: { readonly _meta?: Readonly<Record<string, unknown>> } & Readonly<Record<string, unknown>>
}

const SERVER = { name: 'scripted', version: '1.0.0' }
const CAPABILITIES = { tools: { listChanged: true } }
/** What every result of 2026-07-28 has; older clients pass over it. */
export const COMPLETE = { resultType: 'complete' }
const NOT_CACHED = { ...COMPLETE, ttlMs: 0, cacheScope: 'private' }

/** Its one argument goes into a header too (Mcp-Param-Region). */
const TOOL = {
  name: 'run',
  inputSchema: { type: 'object', properties: { region: { type: 'string', 'x-mcp-header': 'Region' } } },
}

const RESULTS = new Map<string, object>([
  ['initialize', { protocolVersion: '2025-11-25', capabilities: CAPABILITIES, serverInfo: SERVER }],
  [
    'server/discover',
    {
      ...NOT_CACHED,
      supportedVersions: ['2026-07-28'],
      capabilities: CAPABILITIES,
      _meta: { 'io.modelcontextprotocol/serverInfo': SERVER },
    },
  ],
  ['tools/list', { ...NOT_CACHED, tools: [TOOL] }],
])

/** The result of what clients ask before they do anything; undefined for everything else. */
export function handshakeAnswer(message: Message | undefined): object | 'accepted' | undefined {
  const method = message?.method ?? ''
  return method.startsWith('notifications/') ? 'accepted' : RESULTS.get(method)
}
