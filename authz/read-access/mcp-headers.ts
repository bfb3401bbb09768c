import { isUtf8 } from 'node:buffer'
import type { Call, Message } from './message.ts'

/** MCP's headers that repeat parts of the body. */
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

/** RFC 9110 section 5.5; Envoy removes spaces at both ends. */
const PLAIN_VALUE = /^[\x21-\x7e](?:[\t\x20-\x7e]*[\x21-\x7e])?$/
const ENCODED_VALUE = /^=\?base64\?(.*)\?=$/

/** The parameter that Mcp-Name repeats, by method; other methods have no Mcp-Name. */
const NAMED_BY: Readonly<Record<string, 'name' | 'uri' | 'taskId'>> = {
  'tools/call': 'name',
  'prompts/get': 'name',
  'resources/read': 'uri',
  'tasks/get': 'taskId',
  'tasks/update': 'taskId',
  'tasks/cancel': 'taskId',
}

/**
 * Finds where headers and body disagree (MCP 2026-07-28, Streamable HTTP, Server Validation). authz judges the body, but
 * proxies may use the headers: a header that is present must match, in every version.
 */
export function headerFault(
  headers: McpHeaders,
  message: Exclude<Message, { readonly kind: 'fault' }>,
): HeaderFault | undefined {
  const { method, name, protocolVersion } = headers
  if ([method, name, protocolVersion].some((values) => values.length > 1)) return 'header_repeated'
  // Headers describe no response, and are optional for a notification.
  const call = message.kind === 'response' ? undefined : message
  const required = message.kind === 'request' && requiresHeaders(protocolVersion[0])
  return (
    versionFault(protocolVersion[0], call?.protocolVersion) ??
    valueFault(method[0], call?.method, required) ??
    nameFault(name[0], call, required)
  )
}

/** A message with a version needs a header with the same version; older messages have it in the header only. */
function versionFault(sent: string | undefined, meant: string | undefined): HeaderFault | undefined {
  if (sent !== undefined && !PLAIN_VALUE.test(sent)) return 'header_malformed'
  if (meant === undefined) return undefined
  if (sent === undefined) return 'header_missing'
  return sent === meant ? undefined : 'header_mismatch'
}

/** Versions are dates; any other value counts as a newer version. */
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

/** Decodes a plain value, or `=?base64?…?=` of UTF-8 in canonical base64; undefined for anything else. */
export function decodeValue(value: string): string | undefined {
  if (!PLAIN_VALUE.test(value)) return undefined
  const encoded = ENCODED_VALUE.exec(value)?.[1]
  if (encoded === undefined) return value
  const bytes = Buffer.from(encoded, 'base64')
  return bytes.toString('base64') === encoded && isUtf8(bytes) ? bytes.toString('utf8') : undefined
}
