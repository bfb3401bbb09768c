import type { MessageFault } from './message.ts'

/** What Envoy buffers for a check at most (max_request_bytes). */
export const LARGEST_BODY_BYTES = 1_048_576

/** What came with a body; of each header the value of every one of its name. */
export interface BodyHeaders {
  readonly contentType: readonly string[]
  readonly contentEncoding: readonly string[]
  /** `x-envoy-auth-partial-body`, which Envoy sets whatever the client sent. */
  readonly partialBody: readonly string[]
  /** How long the body is, in bytes, as far as Envoy knows. */
  readonly size: number
}

const JSON_TYPE = /^application\/json(?:[ \t]*;[ \t]*charset=(?:utf-8|"utf-8"))?$/i

/** What is wrong with a body before it is read; undefined where nothing is. */
export function bodyFault(bytes: Uint8Array, headers: BodyHeaders): MessageFault | undefined {
  const { contentType, contentEncoding, partialBody, size } = headers
  if (bytes.length > LARGEST_BODY_BYTES || size > LARGEST_BODY_BYTES) return 'too_large'
  if (bytes.length === 0) return size > 0 ? 'partial_body' : 'empty'
  // Envoy says of each body that it hands over whether it is all of it, and cuts even where it is told not to.
  if (size !== bytes.length || partialBody.length !== 1 || partialBody[0] !== 'false') return 'partial_body'
  if (contentEncoding.length > 0) return 'content_encoding'
  if (!isJson(contentType)) return 'content_type'
  return undefined
}

/** Whether it is said once, and in one way, to be JSON in UTF-8. */
export function isJson(contentType: readonly string[]): boolean {
  return contentType.length === 1 && JSON_TYPE.test(contentType[0] ?? '')
}
