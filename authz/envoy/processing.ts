import { textOfHeader, type EnvoyHeader } from './header.ts'
import type { Struct } from './stage-metadata.ts'

/** proto/envoy/service/ext_proc/v3. */
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

const SEND = 1
const SKIP = 2
const NONE = 0

/** No type here lets a chunk pass without a mutation: Envoy would send it unfiltered. */
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

/** Has Envoy send the body to the list filter. */
export const SEND_BODY: ProcessingResponse = { response_headers: {} }

/** Has Envoy send the answer to the client unchanged, body included. */
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

export function replaceChunk(bytes: Uint8Array): ProcessingResponse {
  const body_mutation = bytes.length === 0 ? ({ clear_body: true } as const) : { body: bytes }
  return { response_body: { response: { body_mutation } } }
}

/** Envoy's `local_reply_config` finds refusals by it and sends their body as JSON. */
const UNREADABLE = 'list_unreadable'

/** Replaces the whole answer; only before any of it was sent. */
export function refuse(status: 502, body: string): ProcessingResponse {
  return { immediate_response: { status: { code: status }, body: Buffer.from(body), details: UNREADABLE } }
}

export function valuesOf({ response_headers: message }: ProcessingRequest, name: string): string[] {
  const headers = message?.headers?.headers ?? []
  return headers.filter(({ key }) => key === name).map(textOfHeader)
}
