import type { RouteContext } from '../decide/route.ts'

/**
 * What Envoy sends (proto/envoy/service/auth/v3). This file alone knows its shape. protobuf.js leaves absent
 * fields out, and gives maps as plain objects, on which names such as `constructor` are always to be found.
 */
export interface CheckRequest {
  readonly attributes?: {
    readonly request?: { readonly http?: HttpRequest }
    readonly context_extensions?: TextMap
  }
}

interface HttpRequest {
  readonly method?: string
  readonly headers?: TextMap
  readonly header_map?: {
    readonly headers?: readonly {
      readonly key?: string
      readonly value?: string
      readonly raw_value?: Buffer
    }[]
  }
}

type TextMap = Readonly<Record<string, string>>
type Header = readonly [name: string, value: string]

/** What the check needs to know about a request. */
export interface RequestFacts {
  /** Envoy's id of it, which the access log has too. */
  readonly id: string | undefined
  readonly method: string
  /** The value of every Mcp-Method header. */
  readonly mcpMethods: readonly string[]
  /** In lower case. */
  readonly headerNames: readonly string[]
  /** The value of every Authorization header, none left out. */
  readonly authorization: readonly string[]
  readonly context: RouteContext
}

/** Reads the request; whatever is missing is undefined or empty, and refused later. */
export function readRequest({ attributes }: CheckRequest): RequestFacts {
  const http = attributes?.request?.http ?? {}
  const headers = headersOf(http)
  return {
    id: valuesOf(headers, 'x-request-id')[0],
    method: http.method ?? '',
    mcpMethods: valuesOf(headers, 'mcp-method'),
    headerNames: headers.map(([name]) => name),
    authorization: valuesOf(headers, 'authorization'),
    context: {
      service: own(attributes?.context_extensions, 'service'),
      path: own(attributes?.context_extensions, 'path'),
    },
  }
}

/** From both places: Envoy fills the one that it is configured for. */
function headersOf({ headers, header_map }: HttpRequest): Header[] {
  const mapped = Object.entries(headers ?? {})
  const listed = (header_map?.headers ?? []).map((header) => [header.key ?? '', textOf(header)] as const)
  return [...mapped, ...listed].map(([name, value]) => [name.toLowerCase(), value])
}

/** Byte for byte, so that a byte outside ASCII stays one and is refused by the rules. */
function textOf(header: { readonly value?: string; readonly raw_value?: Buffer }): string {
  return header.raw_value?.toString('latin1') ?? header.value ?? ''
}

function valuesOf(headers: readonly Header[], name: string): string[] {
  return headers.filter(([key]) => key === name).map(([, value]) => value)
}

function own(map: TextMap | undefined, key: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined
}
