import type { McpReadAccess } from '../../core/services/service.ts'
import { headerFault, type HeaderFault, type McpHeaders } from './mcp-headers.ts'
import type { Message, MessageFault, RpcId } from './message.ts'

type Request = Extract<Message, { readonly kind: 'request' }>
type Notification = Extract<Message, { readonly kind: 'notification' }>

export type ReadAccess = Pick<McpReadAccess, 'tools' | 'methods'>

interface Use {
  readonly method: string
  readonly name?: string | undefined
}

export type AccessRefusal =
  | MessageFault
  | HeaderFault
  | 'http_method'
  /** Last-Event-ID on a POST: it belongs to GET (MCP, Streamable HTTP, Resumability), and replays any stream. */
  | 'last_event_id'
  | 'method_not_allowed'
  | 'tool_not_allowed'

export type AccessVerdict =
  | {
      readonly outcome: 'allowed'
      /** True when the answer must go through the list filter. */
      readonly list: boolean
      readonly id: RpcId | undefined
      readonly method?: string | undefined
      /** The tool that is called. */
      readonly tool?: string | undefined
    }
  | {
      readonly outcome: 'refused'
      readonly reason: AccessRefusal
      /** Undefined when the message has no readable id. */
      readonly id: RpcId | undefined
      readonly method?: string | undefined
      readonly tool?: string | undefined
    }

/** Methods whose answer contains neither a list nor capabilities; all other answers go through the list filter. */
const ANSWERED_WITHOUT_LISTS: ReadonlySet<string> = new Set([
  'ping',
  'tools/call',
  'resources/read',
  'prompts/get',
  'completion/complete',
])

/** Requests and lists are both judged by this, so lists show exactly what may be used. */
export function mayUse(read: ReadAccess, { method, name }: Use): boolean {
  if (!read.methods.has(method)) return false
  return method !== 'tools/call' || (name !== undefined && read.tools.has(name))
}

/** Decides whether a session with read access may send a message. */
export function judgeCall(read: ReadAccess, message: Message, headers: McpHeaders): AccessVerdict {
  if (message.kind === 'fault') return refuse(message.reason, message.id)
  const verdict = judgeReadable(read, message, headers)
  if (!('method' in message)) return verdict
  const { method, name } = message
  return { ...verdict, method, ...(method === 'tools/call' ? { tool: name } : {}) }
}

function judgeReadable(
  read: ReadAccess,
  message: Exclude<Message, { readonly kind: 'fault' }>,
  headers: McpHeaders,
): AccessVerdict {
  const id = message.kind === 'notification' ? undefined : message.id
  const fault = headerFault(headers, message)
  if (fault !== undefined) return refuse(fault, id)
  if (headers.lastEventId.length > 0) return refuse('last_event_id', id)
  // A response only answers what the service asked during an allowed call.
  const refusal = message.kind === 'response' ? undefined : callRefusal(read, message)
  if (refusal !== undefined) return refuse(refusal, id)
  return { outcome: 'allowed', list: mayHoldList(message), id: message.kind === 'request' ? id : undefined }
}

function callRefusal(read: ReadAccess, call: Request | Notification): AccessRefusal | undefined {
  if (!hasMatchingKind(call)) return 'kind'
  if (mayUse(read, call)) return undefined
  const isTool = call.method === 'tools/call' && read.methods.has(call.method)
  return isTool ? 'tool_not_allowed' : 'method_not_allowed'
}

function mayHoldList(message: Message): boolean {
  return message.kind !== 'request' || !ANSWERED_WITHOUT_LISTS.has(message.method)
}

/** True when only a `notifications/*` message has no id. Some servers run a request that has none. */
function hasMatchingKind({ kind, method }: Request | Notification): boolean {
  return (kind === 'notification') === method.startsWith('notifications/')
}

function refuse(reason: AccessRefusal, id: RpcId | undefined): AccessVerdict {
  return { outcome: 'refused', reason, id }
}
