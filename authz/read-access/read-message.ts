import { JsonFaultError, type JsonNode, type JsonObject } from './json-node.ts'
import { DecidingKeys } from './key-variants.ts'
import { MESSAGE_KEYS } from './message-keys.ts'
import type { Call, Message, MessageFault, RpcId } from './message.ts'
import { isPlain } from './plain-text.ts'
import { bodyFault, type BodyHeaders } from './received-body.ts'
import { scanJson } from './scan-json.ts'

type Members = JsonObject['members']

const NO_MEMBERS: Members = new Map()
const PARAMS_KEYS = new DecidingKeys('name', 'uri', 'taskId', 'arguments', '_meta')

/** Where a message of 2026-07-28 says which protocol version it is of. */
const PROTOCOL_VERSION = 'io.modelcontextprotocol/protocolVersion'

/** A body of 1 MiB could hold half a million, and keep others waiting while it is read. */
export const MAX_VALUES = 20_000

/** Of a message, and of its params: MCP has a dozen at most, and each is compared with the keys that decide. */
export const MAX_DECIDING_MEMBERS = 256

/** We send an id back in a refusal; those of real clients are numbers and UUIDs. */
const MAX_ID_LENGTH = 256
const INTEGER = /^-?(?:0|[1-9][0-9]*)$/

class MessageFaultError extends Error {
  readonly reason: MessageFault

  constructor(reason: MessageFault) {
    super(reason)
    this.reason = reason
  }
}

/**
 * Reads a body as one message of MCP. What it returns is what any parser of the service's reads too, or a fault:
 * then nobody knows what the service would do, and the body must not reach it.
 */
export function readMessage(bytes: Uint8Array, headers: BodyHeaders): Message {
  const reason = bodyFault(bytes, headers)
  if (reason !== undefined) return { kind: 'fault', reason, id: undefined }
  let id: RpcId | undefined
  try {
    const members = envelope(scanJson(bytes, MAX_VALUES))
    id = readId(members)
    return messageOf(members, id)
  } catch (error) {
    return { kind: 'fault', reason: faultOf(error), id }
  }
}

function faultOf(error: unknown): MessageFault {
  if (error instanceof JsonFaultError) return error.fault
  if (error instanceof MessageFaultError) return error.reason
  throw error
}

function envelope(root: JsonNode): Members {
  if (root.kind === 'array') throw new MessageFaultError('batch')
  if (root.kind !== 'object') throw new MessageFaultError('not_an_object')
  refuseVariants(MESSAGE_KEYS, root.members)
  const version = root.members.get('jsonrpc')
  if (version?.kind !== 'string' || version.value !== '2.0') throw new MessageFaultError('jsonrpc_version')
  return root.members
}

function messageOf(members: Members, id: RpcId | undefined): Message {
  const answers = Number(members.has('result')) + Number(members.has('error'))
  if (members.has('method')) {
    if (answers > 0) throw new MessageFaultError('kind')
    const call = readCall(members)
    return id === undefined ? { kind: 'notification', ...call } : { kind: 'request', id, ...call }
  }
  if (answers !== 1 || members.has('params')) throw new MessageFaultError('kind')
  if (id === undefined) throw new MessageFaultError('id')
  return { kind: 'response', id }
}

function readCall(members: Members): Call {
  const method = readText(members, 'method', 'method')
  // An empty one is nobody's, and some take it for none.
  if (method === undefined || method === '') throw new MessageFaultError('method')
  const params = readObject(members, 'params')
  refuseVariants(PARAMS_KEYS, params)
  return {
    method,
    name: readText(params, 'name', 'name'),
    uri: readText(params, 'uri', 'uri'),
    taskId: readText(params, 'taskId', 'task_id'),
    protocolVersion: readText(readObject(params, '_meta'), PROTOCOL_VERSION, 'protocol_version'),
  }
}

function refuseVariants(keys: DecidingKeys, members: Members): void {
  if (members.size > MAX_DECIDING_MEMBERS) throw new MessageFaultError('too_many_values')
  if (keys.haveVariantIn(members.keys())) throw new MessageFaultError('key_variant')
}

/**
 * An object. `null` and an empty list hold nothing for any JSON-RPC reader, and clients write them for no parameters
 * (PHP has one literal for an empty list and an empty object). A list with items could be read by position.
 */
function readObject(members: Members, key: string): Members {
  const node = members.get(key)
  if (node === undefined || isEmpty(node)) return NO_MEMBERS
  if (node.kind !== 'object') throw new MessageFaultError('params')
  return node.members
}

function isEmpty(node: JsonNode): boolean {
  return node.kind === 'null' || (node.kind === 'array' && node.items.length === 0)
}

/** A text, or none. */
function readText(members: Members, key: string, reason: MessageFault): string | undefined {
  const node = members.get(key)
  if (node === undefined) return undefined
  if (node.kind !== 'string' || !isPlain(node.value)) throw new MessageFaultError(reason)
  return node.value
}

/** A text, or an integer that has one reading; undefined where there is none. */
function readId(members: Members): RpcId | undefined {
  const node = members.get('id')
  if (node === undefined) return undefined
  if (node.kind === 'number') {
    const id = Number(node.source)
    if (INTEGER.test(node.source) && Number.isSafeInteger(id) && !Object.is(id, -0)) return id
  }
  const id = readText(members, 'id', 'id')
  if (id === undefined || id.length > MAX_ID_LENGTH) throw new MessageFaultError('id')
  return id
}
