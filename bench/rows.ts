import { CALL_ANSWER, SHOWN_LIST } from './edge/service.ts'
import type { EdgeKind } from './edge/edge-kinds.ts'
import { MCP_PATH } from './lab/identity.ts'
import type { ExpectedAnswer, RequestText } from './load/job.ts'

/** An Envoy that is measured: its configuration, the process that it asks, and a part that is switched off. */
export interface EdgeDescription {
  readonly kind: EdgeKind
  readonly asks?: string | undefined
  readonly off?: string | undefined
}

export type Edges = Readonly<Record<string, EdgeDescription>>

/** The Envoys of ROWS. Each authz is a process of its own. */
export const EDGES: Edges = {
  alone: { kind: 'alone' },
  'jwt-cached': { kind: 'jwt-cached' },
  jwt: { kind: 'jwt' },
  reference: { kind: 'reference', asks: 'reference' },
  'reference-tuned': { kind: 'reference', asks: 'reference-tuned' },
  warm: { kind: 'gate', asks: 'authz-warm' },
  cold: { kind: 'gate', asks: 'authz-cold' },
  large: { kind: 'gate', asks: 'authz-large' },
}

export type TokenSet = 'full' | 'read' | 'cold' | 'large' | 'large-cold'

export interface Row {
  readonly id: string
  readonly title: string
  readonly edge: string
  readonly tokens: TokenSet
  readonly request: RequestText
  readonly expected: ExpectedAnswer
  /** Requests to authz for each request, with streams of the list filter. */
  readonly calls: number
  readonly listStreams: number
}

const SMALL_BYTES = 300
const READING_BYTES = 4096
/** By this header (MCP 2026-07-28) the bench's service knows a list. */
const LISTS = 'mcp-method: tools/list\r\n'

const call = (bytes: number): RequestText => post(padded(bytes))
const CALL = call(SMALL_BYTES)
const LIST = post(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list' }), LISTS)

export const AS_TOKEN: ExpectedAnswer = { status: 200, body: CALL_ANSWER, seen: 'token' }
const AS_CREDENTIAL: ExpectedAnswer = { status: 200, body: CALL_ANSWER, seen: 'credential' }
const AS_LIST: ExpectedAnswer = { status: 200, body: SHOWN_LIST, seen: 'credential' }

const FULL = { tokens: 'full', request: CALL, calls: 0, listStreams: 0 } as const
export const GATE = { ...FULL, expected: AS_CREDENTIAL, calls: 1 } as const

export const ROWS: readonly Row[] = [
  { id: 'alone', title: 'Envoy alone', edge: 'alone', ...FULL, expected: AS_TOKEN },
  {
    id: 'jwt-cached',
    title: 'Envoy, jwt_authn with jwt_cache',
    edge: 'jwt-cached',
    ...FULL,
    expected: AS_TOKEN,
  },
  { id: 'jwt', title: 'Envoy, jwt_authn', edge: 'jwt', ...FULL, expected: AS_TOKEN },
  { id: 'reference', title: 'minimal grpc-js check, token cache', edge: 'reference', ...GATE },
  {
    id: 'reference-tuned',
    title: "minimal check, authz's V8 option",
    edge: 'reference-tuned',
    ...GATE,
  },
  { id: 'warm', title: 'authz, warm', edge: 'warm', ...GATE },
  { id: 'large', title: 'authz, warm, many sessions held', edge: 'large', ...GATE, tokens: 'large' },
  { id: 'cold', title: 'authz, cold', edge: 'cold', ...GATE, tokens: 'cold' },
  {
    id: 'large-cold',
    title: 'authz, cold, many sessions stored',
    edge: 'large',
    ...GATE,
    tokens: 'large-cold',
  },
  {
    id: 'read',
    title: 'authz, read-only, 4 KiB call',
    edge: 'warm',
    ...GATE,
    tokens: 'read',
    request: call(READING_BYTES),
    calls: 2,
  },
  {
    id: 'list',
    title: 'authz, read-only, tools/list',
    edge: 'warm',
    ...GATE,
    tokens: 'read',
    request: LIST,
    expected: AS_LIST,
    calls: 3,
    listStreams: 1,
  },
]

/** A call of a reading tool, in so many bytes. */
function padded(bytes: number): string {
  const textOf = (query: string): string =>
    JSON.stringify({
      jsonrpc: '2.0',
      id: 1,
      method: 'tools/call',
      params: { name: 'search_packages', arguments: { query } },
    })
  return textOf('x'.repeat(bytes - textOf('').length))
}

function post(body: string, moreHeaders = ''): RequestText {
  const lines = [
    `POST ${MCP_PATH} HTTP/1.1`,
    'host: localhost:8080',
    'user-agent: connect-bench/1.0',
    'accept: application/json, text/event-stream',
    'accept-encoding: gzip',
    'content-type: application/json',
    `content-length: ${Buffer.byteLength(body)}`,
    'mcp-protocol-version: 2025-11-25',
    'mcp-session-id: 6f1e4d2c9b8a4f0e8d7c6b5a49382716',
    'x-forwarded-proto: https',
    'x-forwarded-for: ',
  ]
  return {
    beforeAddress: lines.join('\r\n'),
    beforeToken: '\r\nauthorization: Bearer ',
    afterToken: `\r\n${moreHeaders}\r\n${body}`,
  }
}
