import type { JsonFault } from './scan-json.ts'

/** A JSON-RPC id that every parser reads the same. */
export type RpcId = string | number

export type MessageFault =
  | JsonFault
  /** Not exactly one `application/json`, in UTF-8. */
  | 'content_type'
  | 'content_encoding'
  /** Envoy did not send the whole body. */
  | 'partial_body'
  | 'too_large'
  | 'batch'
  | 'not_an_object'
  /** A key that some parsers read as a deciding one: `Method`, `paramſ`. */
  | 'key_variant'
  | 'jsonrpc_version'
  | 'id'
  | 'method'
  /** Both request and response, or neither. */
  | 'kind'
  | 'params'
  | 'name'
  | 'uri'
  | 'task_id'
  | 'protocol_version'

export interface Call {
  readonly method: string
  /** Of a tool or prompt. */
  readonly name: string | undefined
  /** Of a resource. */
  readonly uri: string | undefined
  readonly taskId: string | undefined
  /** In `params._meta`; required since 2026-07-28. */
  readonly protocolVersion: string | undefined
}

export type Message =
  | ({ readonly kind: 'request'; readonly id: RpcId } & Call)
  | ({ readonly kind: 'notification' } & Call)
  | { readonly kind: 'response'; readonly id: RpcId }
  | {
      readonly kind: 'fault'
      readonly reason: MessageFault
      readonly id: RpcId | undefined
    }
