import { CLIENT_ADDRESS_HEADER } from '../../core/network/client-address.ts'
import type { RouteContext } from '../decide/route.ts'
import { Fields } from '../protobuf/fields.ts'

/** What the check needs to know about a request. */
export interface RequestFacts {
  /** Envoy's id of it, which the access log has too. */
  readonly id: string | undefined
  readonly method: string
  /** Whence it came, as Envoy says; undefined where it does not, or says several things. */
  readonly clientAddress: string | undefined
  /** The value of every Mcp-Method header. */
  readonly mcpMethods: readonly string[]
  /** In lower case. */
  readonly headerNames: readonly string[]
  /** The value of every Authorization header, none left out. */
  readonly authorization: readonly string[]
  readonly context: RouteContext
}

/** What was found so far: of some headers every value, of all others the names alone. */
class Found {
  method = ''
  readonly headerNames: string[] = []
  readonly ids: string[] = []
  readonly clientAddresses: string[] = []
  readonly mcpMethods: string[] = []
  readonly authorization: string[] = []
  readonly context = new Map<string, string>()

  /** Where the values of a header go; undefined where nobody looks at them. */
  valuesOf(header: string): string[] | undefined {
    switch (header) {
      case 'authorization':
        return this.authorization
      case 'mcp-method':
        return this.mcpMethods
      case 'x-request-id':
        return this.ids
      case CLIENT_ADDRESS_HEADER:
        return this.clientAddresses
      default:
        return undefined
    }
  }
}

/**
 * Reads a CheckRequest (proto/envoy/service/auth/v3, which has these numbers) from its bytes, as each request to a
 * service waits for this: a decoder makes objects of the twenty headers that nobody asks for. Whatever is missing is
 * undefined or empty, and refused later. Values are read byte for byte, so that a byte outside ASCII stays one and is
 * refused by the rules.
 *
 * @throws MalformedMessage
 */
export function readRequest(bytes: Buffer): RequestFacts {
  const found = new Found()
  each(new Fields(bytes), 1, (attributes) => readAttributes(attributes, found))
  const { method, headerNames, ids, clientAddresses, mcpMethods, authorization, context } = found
  return {
    id: ids[0],
    method,
    clientAddress: clientAddresses.length === 1 ? clientAddresses[0] : undefined,
    mcpMethods,
    headerNames,
    authorization,
    context: { service: context.get('service'), path: context.get('path'), reads: context.get('reads') },
  }
}

/** Calls back with each message that stands in a field of this number. */
function each(fields: Fields, field: number, read: (message: Fields) => void): void {
  while (fields.next()) if (fields.field === field) read(fields.message())
}

function readAttributes(attributes: Fields, found: Found): void {
  while (attributes.next()) {
    if (attributes.field === 4) each(attributes.message(), 2, (http) => readHttp(http, found))
    if (attributes.field === 10) readEntry(attributes.message(), found.context)
  }
}

/** Headers are in both places: Envoy fills the one that it is configured for. */
function readHttp(http: Fields, found: Found): void {
  while (http.next()) {
    if (http.field === 2) found.method = http.text()
    if (http.field === 3) readHeader(http.message(), found)
    if (http.field === 13) each(http.message(), 1, (header) => readHeader(header, found))
  }
}

/** A HeaderValue, or an entry of the map of headers; the raw value counts where there is one. */
function readHeader(header: Fields, found: Found): void {
  let name = ''
  let wanted: string[] | undefined
  let value: string | undefined
  let raw: string | undefined
  while (header.next()) {
    if (header.field === 1) {
      name = header.text().toLowerCase()
      wanted = found.valuesOf(name)
    } else if (wanted !== undefined || name === '') {
      if (header.field === 2) value = header.text()
      if (header.field === 3) raw = header.text()
    }
  }
  found.headerNames.push(name)
  wanted?.push(raw ?? value ?? '')
}

function readEntry(entry: Fields, map: Map<string, string>): void {
  let key = ''
  let value = ''
  while (entry.next()) {
    if (entry.field === 1) key = entry.text()
    if (entry.field === 2) value = entry.text()
  }
  map.set(key, value)
}
