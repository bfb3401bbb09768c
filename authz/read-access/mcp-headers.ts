import { isUtf8 } from 'node:buffer'
import type { Call, Message } from './message.ts'

/** The headers of MCP that repeat what the body says; the value of every one of that name. */
export interface McpHeaders {
  readonly method: readonly string[]
  readonly name: readonly string[]
  readonly protocolVersion: readonly string[]
  readonly lastEventId: readonly string[]
}

export type HeaderFault = 'header_repeated' | 'header_malformed' | 'header_missing' | 'header_mismatch'

/** The first version whose requests must carry Mcp-Method and Mcp-Name. */
const FIRST_WITH_HEADERS = '2026-07-28'
const DATED_VERSION = /^\d{4}-\d{2}-\d{2}$/

/** RFC 9110 section 5.5; Envoy has cut spaces off both ends. */
const PLAIN_VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/
const ENCODED_VALUE = /^=\?base64\?(.*)\?=$/

/** What Mcp-Name repeats, by method; no other method has one. */
const NAMED_BY: Readonly<Record<string, 'name' | 'uri' | 'taskId'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}

/**
 * Where headers and body disagree (MCP 2026-07-28, Streamable HTTP, Server Validation): the body is judged, but
 * others on the way may have believed the headers. A header that is there must be right, whatever the version.
 */
export function headerFault(
  headers: McpHeaders,
  message: Exclude<Message, { readonly kind: 'fault' }>,
): HeaderFault | undefined {
  const { method, name, protocolVersion } = headers
  if ([method, name, protocolVersion].some((values) => values.length > 1)) return 'header_repeated'
  // No header speaks of a response, and of a notification none must.
  const call = message.kind === 'response' ? undefined : message
  const required = message.kind === 'request' && requiresHeaders(protocolVersion[0])
  return (
    versionFault(protocolVersion[0], call?.protocolVersion) ??
    valueFault(method[0], call?.method, required) ??
    nameFault(name[0], call, required)
  )
}

/** A message that says its version must come with a header that says the same; older ones say it in the header alone. */
function versionFault(sent: string | undefined, meant: string | undefined): HeaderFault | undefined {
  if (sent !== undefined && !PLAIN_VALUE.test(sent)) return 'header_malformed'
  if (meant === undefined) return undefined
  if (sent === undefined) return 'header_missing'
  return sent === meant ? undefined : 'header_mismatch'
}

/** Versions are dates; of another kind we know nothing, so it is taken for a newer one. */
function requiresHeaders(version: string | undefined): boolean {
  if (version === undefined) return false
  return !DATED_VERSION.test(version) || version >= FIRST_WITH_HEADERS
}

function nameFault(sent: string | undefined, call: Call | undefined, required: boolean) {
  const source = call === undefined ? undefined : sourceOfName(call.method)
  const meant = source === undefined ? undefined : call?.[source]
  const decoded = sent === undefined ? undefined : decodeValue(sent)
  if (sent !== undefined && decoded === undefined) return 'header_malformed'
  return valueFault(decoded, meant, required)
}

function sourceOfName(method: string) {
  return Object.hasOwn(NAMED_BY, method) ? NAMED_BY[method] : undefined
}

function valueFault(
  sent: string | undefined,
  meant: string | undefined,
  required: boolean,
): HeaderFault | undefined {
  if (sent === undefined) return required && meant !== undefined ? 'header_missing' : undefined
  return sent === meant ? undefined : 'header_mismatch'
}

/** A plain value, or `=?base64?…?=` of one in UTF-8; undefined where it is neither, or not the one way to write it. */
function decodeValue(value: string): string | undefined {
  if (!PLAIN_VALUE.test(value)) return undefined
  const encoded = ENCODED_VALUE.exec(value)?.[1]
  if (encoded === undefined) return value
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.toString('base64') === encoded && isUtf8(bytes) ? bytes.toString('utf8') : undefined
}
