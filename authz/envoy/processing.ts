import { textOfHeader, type EnvoyHeader } from './envoy-header.ts'
import type { Struct } from './stage-metadata.ts'

/** What Envoy sends of an answer (proto/envoy/service/ext_proc/v3). */
export interface ProcessingRequest {
  readonly response_headers?: {
    readonly headers?: {
      readonly headers?: readonly EnvoyHeader[]
    }
    readonly end_of_stream?: boolean
  }
  readonly response_body?: { readonly body?: Buffer; readonly end_of_stream?: boolean }
  readonly metadata_context?: { readonly filter_metadata?: Readonly<Record<string, Struct>> }
}

/** Of ProcessingMode. */
const SEND = 1
const SKIP = 2
const NONE = 0

/** What is to become of it. A message without a mutation lets a chunk through as it is, so no type here has none. */
export type ProcessingResponse =
  | { readonly response_headers: object; readonly mode_override?: object }
  | {
      readonly response_body: {
        readonly response: {
          readonly body_mutation: { readonly body: Uint8Array } | { readonly clear_body: true }
        }
      }
    }
  | { readonly immediate_response: object }

/** Its body is to be sent here. */
export const SEND_BODY: ProcessingResponse = { response_headers: {} }

/** It goes on to the client as it is, body and all. */
export const PASS_ON: ProcessingResponse = {
  response_headers: {},
  mode_override: {
    request_header_mode: SKIP,
    response_header_mode: SEND,
    response_body_mode: NONE,
    request_trailer_mode: SKIP,
    response_trailer_mode: SKIP,
  },
}

/** In place of a chunk. */
export function chunk(bytes: Uint8Array): ProcessingResponse {
  const body_mutation = bytes.length === 0 ? ({ clear_body: true } as const) : { body: bytes }
  return { response_body: { response: { body_mutation } } }
}

/** By which Envoy's configuration knows a refusal, and sends its body as the JSON that it is (`local_reply_config`). */
const UNREADABLE = 'list_unreadable'

/** In place of the whole answer, none of which was sent yet. */
export function refuse(status: 502, body: string): ProcessingResponse {
  return { immediate_response: { status: { code: status }, body: Buffer.from(body), details: UNREADABLE } }
}

/** The value of every header of that name, as bytes. */
export function valuesOf({ response_headers: message }: ProcessingRequest, name: string): string[] {
  const headers = message?.headers?.headers ?? []
  return headers.filter(({ key }) => key === name).map(textOfHeader)
}
