import type { ListFormat } from './answer-splitter.ts'

/** JSON-RPC 2.0: Internal error. */
const INTERNAL_ERROR = -32603
const MESSAGE =
  'The service sent an answer that cannot be filtered for read-only access. This is a fault of the service; trying again does not help.'

/**
 * Writes the JSON-RPC error that replaces an answer.
 *
 * @param id - of the JSON-RPC request, as JSON; undefined when unknown
 */
export function unreadableBody(id: string | undefined): string {
  const error = JSON.stringify({ code: INTERNAL_ERROR, message: MESSAGE })
  return `{"jsonrpc":"2.0","id":${id ?? 'null'},"error":${error}}`
}

/** Writes the error that replaces the rest of a begun answer. */
export function unreadableRest(id: string, format: ListFormat): Uint8Array {
  const body = unreadableBody(id)
  return Buffer.from(format === 'json' ? body : `event: message\ndata: ${body}\n\n`)
}
