import { DecidingKeys, isPlain, MESSAGE_KEYS } from './key-variants.ts'
import type { Call, Message, MessageFault, RpcId } from './message.ts'
import { bodyFault, type BodyHeaders } from './received-body.ts'
import { JsonFaultError, scanJson, type JsonNode, type JsonObject } from './scan-json.ts'

type Members = JsonObject['members']

const NO_MEMBERS: Members = new Map()
const PARAMS_KEYS = new DecidingKeys('name', 'uri', 'taskId', 'arguments', '_meta')

/** The member of `_meta` with the protocol version, since 2026-07-28. */
const PROTOCOL_VERSION = 'io.modelcontextprotocol/protocolVersion'

/** A body of 1 MiB could have half a million, and reading them would delay other requests. */
export const MAX_VALUES = 20_000

/** Of a message, and of its params. Each costs a comparison; MCP has at most a dozen. */
export const MAX_DECIDING_MEMBERS = 256

/** A refusal repeats the id; real clients use numbers and UUIDs. */
const MAX_ID_LENGTH = 256
const INTEGER = /^-?(?:0|[1-9][0-9]*)$/

class MessageFaultError extends Error {
  readonly reason: MessageFault

  constructor(reason: MessageFault) {
    super(reason)
    this.reason = reason
  }
}

/** Reads a body as one MCP message; a fault if the service's parser could read it differently. */
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
  // Some parsers take an empty method for an absent one.
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
 * Clients write `null` or an empty list for no parameters (PHP does). A list with items is refused: parameters
 * could be read by position.
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

function readText(members: Members, key: string, reason: MessageFault): string | undefined {
  const node = members.get(key)
  if (node === undefined) return undefined
  if (node.kind !== 'string' || !isPlain(node.value)) throw new MessageFaultError(reason)
  return node.value
}

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
