import type { MessageFault } from './message.ts'

/** Envoy buffers no more for a check (envoy.yaml, `max_request_bytes`). */
export const MAX_BODY_BYTES = 1_048_576

export interface BodyHeaders {
  readonly contentType: readonly string[]
  readonly contentEncoding: readonly string[]
  /** `x-envoy-auth-partial-body`; Envoy overwrites what the client sent. */
  readonly partialBody: readonly string[]
  /** Length of the body in bytes, as Envoy reports it. */
  readonly size: number
}

const JSON_TYPE = /^application\/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?$/i

export function bodyFault(bytes: Uint8Array, headers: BodyHeaders): MessageFault | undefined {
  const { contentType, contentEncoding, partialBody, size } = headers
  if (bytes.length > MAX_BODY_BYTES || size > MAX_BODY_BYTES) return 'too_large'
  if (bytes.length === 0) return size > 0 ? 'partial_body' : 'empty'
  // Envoy cuts off bodies even when configured not to, and marks each as partial or not.
  if (size !== bytes.length || partialBody.length !== 1 || partialBody[0] !== 'false') return 'partial_body'
  if (contentEncoding.length > 0) return 'content_encoding'
  if (!isJson(contentType)) return 'content_type'
  return undefined
}

export function isJson(contentType: readonly string[]): boolean {
  return contentType.length === 1 && JSON_TYPE.test(contentType[0] ?? '')
}
