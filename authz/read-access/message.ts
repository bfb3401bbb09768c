import type { JsonFault } from './json-node.ts'

/** A JSON-RPC id that every parser reads the same. */
export type RpcId = string | number

/** Why a body is no message that could be judged. */
export type MessageFault =
  | JsonFault
  /** Not exactly one `application/json`, in UTF-8. */
  | 'content_type'
  | 'content_encoding'
  /** Envoy did not hand over the whole body. */
  | 'partial_body'
  | 'too_large'
  | 'batch'
  | 'not_an_object'
  /** A key that some parser takes for one that decides: `Method`, `paramſ`. */
  | 'key_variant'
  | 'jsonrpc_version'
  | 'id'
  | 'method'
  /** Request and response in one, or neither. */
  | 'kind'
  | 'params'
  | 'name'
  | 'uri'
  | 'task_id'
  | 'protocol_version'

/** What a request or notification asks for. */
export interface Call {
  readonly method: string
  /** Of a tool or prompt: `params.name`. */
  readonly name: string | undefined
  /** Of a resource: `params.uri`. */
  readonly uri: string | undefined
  /** Of a task: `params.taskId`. */
  readonly taskId: string | undefined
  /** The protocol version that the message says it is of; since 2026-07-28 each one does. */
  readonly protocolVersion: string | undefined
}

/** What a body turned out to be. */
export type Message =
  | ({ readonly kind: 'request'; readonly id: RpcId } & Call)
  | ({ readonly kind: 'notification' } & Call)
  | { readonly kind: 'response'; readonly id: RpcId }
  | {
      readonly kind: 'fault'
      readonly reason: MessageFault
      /** Of the request, where it could be read. */
      readonly id: RpcId | undefined
    }
