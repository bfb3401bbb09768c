import type { AccessRefusal } from './judge-call.ts'
import type { RpcId } from './message.ts'

/** JSON-RPC 2.0. */
const PARSE_ERROR = -32700
const INVALID_REQUEST = -32600
/** MCP 2026-07-28. */
const HEADER_MISMATCH = -32020
/** Our own code. It resembles no HTTP status: some clients sign in again when an error contains 401 or 403. */
const NOT_ALLOWED = 1001

const HOW_TO_WIDEN =
  'To allow more, reconnect this application and choose "Read and change" on the consent page.'
const NO_WIDER = 'The operator of this server offers only read-only access to this service.'
const READ_ONLY = 'This application has read-only access to Quilt'

const unparseable = (what: string): Text => ({ code: PARSE_ERROR, message: `The request ${what}` })
const unclear = (what: string): Text => ({ code: INVALID_REQUEST, message: `The request ${what}` })
const mismatch = (what: string): Text => ({ code: HEADER_MISMATCH, message: `Header mismatch: ${what}` })

interface Text {
  readonly code: number
  readonly message: string
}

const TEXTS: Readonly<Record<AccessRefusal, Text>> = {
  empty: unparseable('has no body'),
  not_utf8: unparseable('is not UTF-8'),
  byte_order_mark: unparseable('begins with a byte order mark'),
  syntax: unparseable('is not JSON'),
  trailing_data: unparseable('has data after its JSON'),
  too_deep: unparseable('is nested too deeply'),
  too_many_values: unparseable('has too many values'),
  duplicate_key: unparseable('has a key twice in one object'),
  nul_in_key: unparseable('has a NUL character in a key'),
  lone_surrogate: unparseable('has half a character (a lone surrogate) in a string'),
  number_out_of_range: unparseable('has a number that is too large'),
  content_type: unclear('is not sent as Content-Type: application/json'),
  content_encoding: unclear('has a Content-Encoding'),
  partial_body: unclear('is too large'),
  too_large: unclear('is too large'),
  batch: unclear('is a batch; send each message by itself'),
  not_an_object: unclear('is not a JSON object'),
  key_variant: unclear('has a key that differs from a key of JSON-RPC or MCP only in its spelling'),
  jsonrpc_version: unclear('is not JSON-RPC 2.0'),
  id: unclear('has an id that is neither a short string nor a whole number'),
  method: unclear('has no method, or one that is not a plain string'),
  kind: unclear('is neither a request, nor a notification, nor a response'),
  params: unclear('has params or params._meta that is not an object'),
  name: unclear('has a params.name that is not a plain string'),
  uri: unclear('has a params.uri that is not a plain string'),
  task_id: unclear('has a params.taskId that is not a plain string'),
  protocol_version: unclear('has a protocol version that is not a plain string'),
  header_repeated: mismatch('Mcp-Method, Mcp-Name or MCP-Protocol-Version is sent more than once'),
  header_malformed: mismatch('Mcp-Name or MCP-Protocol-Version is malformed'),
  header_missing: mismatch('Mcp-Method, Mcp-Name or MCP-Protocol-Version is missing'),
  header_mismatch: mismatch('Mcp-Method, Mcp-Name or MCP-Protocol-Version does not match the body'),
  last_event_id: unclear('has a Last-Event-ID, which belongs to a GET that resumes a stream'),
  http_method: unclear('is neither a POST with a message, nor a GET, nor a DELETE'),
  method_not_allowed: {
    code: NOT_ALLOWED,
    message: `${READ_ONLY}, which does not include this method.`,
  },
  tool_not_allowed: {
    code: NOT_ALLOWED,
    message: `${READ_ONLY}, which does not include this tool.`,
  },
}

/** Repeats only the id of the request. `isMoreOffered`: the consent page offers more than read access. */
export function refusalBody(reason: AccessRefusal, id: RpcId | undefined, isMoreOffered: boolean): string {
  const { code, message } = TEXTS[reason]
  const advice = code === NOT_ALLOWED ? ` ${adviceFor(isMoreOffered)}` : ''
  return JSON.stringify({ jsonrpc: '2.0', id: id ?? null, error: { code, message: message + advice } })
}

export function isAccessRefusal(reason: string): reason is AccessRefusal {
  return Object.hasOwn(TEXTS, reason)
}

export function adviceFor(isMoreOffered: boolean): string {
  return isMoreOffered ? HOW_TO_WIDEN : NO_WIDER
}

/**
 * The status with which clients show the message. After 401 or 403 they sign in again. At 200 the SDKs match the error
 * to the call by its id; without an id it is 400, whose body they show. MCP 2026-07-28 wants 400 for header mismatches.
 */
export function refusalStatus(reason: AccessRefusal, id: RpcId | undefined): 200 | 400 | 405 | 413 {
  if (reason === 'http_method') return 405
  if (reason === 'too_large' || reason === 'partial_body') return 413
  const isOfHeaders = TEXTS[reason].code === HEADER_MISMATCH || reason === 'last_event_id'
  return id === undefined || isOfHeaders ? 400 : 200
}
