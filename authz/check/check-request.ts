import { textOfHeader, type EnvoyHeader } from '../envoy-header.ts'
import { textsOf, type Struct } from '../stage-metadata.ts'
import type { McpRequest } from '../access/judge-access.ts'
import type { RouteContext } from '../decide/route.ts'

/**
 * What Envoy sends (proto/envoy/service/auth/v3), as the second check reads it; the first one does so in
 * read-request.ts, and nobody else knows its shape. protobuf.js leaves absent fields out, and gives maps as plain
 * objects, on which names such as `constructor` are always to be found.
 */
export interface CheckRequest {
  readonly attributes?: {
    readonly request?: { readonly http?: HttpRequest }
    readonly context_extensions?: TextMap
    readonly metadata_context?: { readonly filter_metadata?: Readonly<Record<string, Struct>> }
  }
}

interface HttpRequest {
  readonly method?: string
  readonly size?: number
  readonly raw_body?: Buffer
  readonly headers?: TextMap
  readonly header_map?: {
    readonly headers?: readonly EnvoyHeader[]
  }
}

type TextMap = Readonly<Record<string, string>>
type Header = readonly [name: string, value: string]

/** What the second check needs to know: the first one's findings, and the whole request. */
export interface ToolRequestFacts {
  readonly id: string | undefined
  readonly context: RouteContext
  readonly request: McpRequest
  /** Texts that the first check left for us (its dynamic_metadata). */
  readonly findings: ReadonlyMap<string, string>
}

/** Reads the request of the second check; whatever is missing is undefined or empty, and refused later. */
export function readToolRequest({ attributes }: CheckRequest): ToolRequestFacts {
  const http = attributes?.request?.http ?? {}
  const headers = headersOf(http)
  return {
    id: valuesOf(headers, 'x-request-id')[0],
    context: contextOf(attributes?.context_extensions),
    findings: textsOf(attributes?.metadata_context?.filter_metadata),
    request: {
      method: http.method ?? '',
      bytes: http.raw_body ?? Buffer.alloc(0),
      body: {
        contentType: valuesOf(headers, 'content-type'),
        contentEncoding: valuesOf(headers, 'content-encoding'),
        partialBody: valuesOf(headers, 'x-envoy-auth-partial-body'),
        size: http.size ?? 0,
      },
      mcp: {
        method: valuesOf(headers, 'mcp-method'),
        name: valuesOf(headers, 'mcp-name'),
        protocolVersion: valuesOf(headers, 'mcp-protocol-version'),
        lastEventId: valuesOf(headers, 'last-event-id'),
      },
    },
  }
}

function contextOf(extensions: TextMap | undefined): RouteContext {
  return {
    service: own(extensions, 'service'),
    path: own(extensions, 'path'),
    reads: own(extensions, 'reads'),
  }
}

/** From both places: Envoy fills the one that it is configured for. */
function headersOf({ headers, header_map }: HttpRequest): Header[] {
  const mapped = Object.entries(headers ?? {})
  const listed = (header_map?.headers ?? []).map(
    (header) => [header.key ?? '', textOfHeader(header)] as const,
  )
  return [...mapped, ...listed].map(([name, value]) => [name.toLowerCase(), value])
}

function valuesOf(headers: readonly Header[], name: string): string[] {
  return headers.filter(([key]) => key === name).map(([, value]) => value)
}

function own(map: TextMap | undefined, key: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined
}
