import { mayUse, type ReadAccess } from './may-use.ts'
import { headerFault, type HeaderFault, type McpHeaders } from './mcp-headers.ts'
import type { Message, MessageFault, RpcId } from './message.ts'

type Request = Extract<Message, { readonly kind: 'request' }>
type Notification = Extract<Message, { readonly kind: 'notification' }>

/** Why a session of access `read` may not do something. */
export type AccessRefusal =
  | MessageFault
  | HeaderFault
  /** HTTP's: neither POST nor GET nor DELETE. */
  | 'http_method'
  /** Last-Event-ID asks for the replay of any stream; it belongs to GET (MCP, Streamable HTTP, Resumability). */
  | 'last_event_id'
  | 'method_not_allowed'
  | 'tool_not_allowed'

/** What became of a request of a session of access `read`. */
export type AccessVerdict =
  | {
      readonly outcome: 'allowed'
      /** Whether its answer must go through the list filter. */
      readonly list: boolean
      /** Of a request; undefined for every other message. */
      readonly id: RpcId | undefined
    }
  | {
      readonly outcome: 'refused'
      readonly reason: AccessRefusal
      /** Of the message, where it has one that could be read. */
      readonly id: RpcId | undefined
    }

/** Methods whose answer holds neither a list nor capabilities; any other's goes through the list filter. */
const ANSWERED_WITHOUT_LISTS: ReadonlySet<string> = new Set([
  'ping',
  'tools/call',
  'resources/read',
  'prompts/get',
  'completion/complete',
])

/** May a session of access `read` send this message. */
export function judgeCall(read: ReadAccess, message: Message, headers: McpHeaders): AccessVerdict {
  if (message.kind === 'fault') return refuse(message.reason, message.id)
  const id = message.kind === 'notification' ? undefined : message.id
  const fault = headerFault(headers, message)
  if (fault !== undefined) return refuse(fault, id)
  if (headers.lastEventId.length > 0) return refuse('last_event_id', id)
  // A response can only answer what the service asked while it served a call that was allowed.
  const refusal = message.kind === 'response' ? undefined : callRefusal(read, message)
  if (refusal !== undefined) return refuse(refusal, id)
  return { outcome: 'allowed', list: mayHoldList(message), id: message.kind === 'request' ? id : undefined }
}

function callRefusal(read: ReadAccess, call: Request | Notification): AccessRefusal | undefined {
  if (!fits(call)) return 'kind'
  if (mayUse(read, call)) return undefined
  const isTool = call.method === 'tools/call' && read.methods.has(call.method)
  return isTool ? 'tool_not_allowed' : 'method_not_allowed'
}

function mayHoldList(message: Message): boolean {
  return message.kind !== 'request' || !ANSWERED_WITHOUT_LISTS.has(message.method)
}

/** Whether it is sent as what it is: a service may run a request that comes as a notification, and answer nothing. */
function fits({ kind, method }: Request | Notification): boolean {
  return (kind === 'notification') === method.startsWith('notifications/')
}

function refuse(reason: AccessRefusal, id: RpcId | undefined): AccessVerdict {
  return { outcome: 'refused', reason, id }
}
