import { REQUEST_ID_HEADER, requestIdOf, TRACE_HEADER } from '../../core/http/request-id.ts'
import { CLIENT_ADDRESS_HEADER } from '../../core/network/client-address.ts'
import type { McpRequest } from '../read-access/judge-access.ts'
import type { RouteContext } from '../decide/route.ts'
import { textOfHeader, type EnvoyHeader } from './header.ts'
import { textsOf, type Struct } from './stage-metadata.ts'

/**
 * A CheckRequest as proto-loader decodes it (proto/envoy/service/auth/v3). Absent fields are omitted; maps are plain
 * objects, which inherit names such as `constructor`.
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

export interface AuthenticateRequest {
  /** In the access log too. */
  readonly id: string | undefined
  readonly method: string
  /** As Envoy reports it; undefined when Envoy reports no address or several. */
  readonly clientAddress: string | undefined
  readonly mcpMethods: readonly string[]
  readonly mcpNames: readonly string[]
  readonly headerNames: readonly string[]
  readonly authorization: readonly string[]
  readonly context: RouteContext
}

/** The whole request, and the findings of authenticate. */
export interface ToolAccessRequest {
  readonly id: string | undefined
  readonly clientAddress: string | undefined
  readonly context: RouteContext
  readonly request: McpRequest
  readonly findings: ReadonlyMap<string, string>
}

/** Reads the request of the authenticate stage. Missing fields become undefined or empty and are refused later. */
export function readAuthenticateRequest({ attributes }: CheckRequest): AuthenticateRequest {
  const http = attributes?.request?.http ?? {}
  const headers = new Headers(http)
  return {
    id: headers.requestId,
    method: http.method ?? '',
    clientAddress: headers.only(CLIENT_ADDRESS_HEADER),
    mcpMethods: headers.values('mcp-method'),
    mcpNames: headers.values('mcp-name'),
    headerNames: headers.names,
    authorization: headers.values('authorization'),
    context: contextOf(attributes?.context_extensions),
  }
}

export function readToolAccessRequest({ attributes }: CheckRequest): ToolAccessRequest {
  const http = attributes?.request?.http ?? {}
  const headers = new Headers(http)
  return {
    id: headers.requestId,
    clientAddress: headers.only(CLIENT_ADDRESS_HEADER),
    context: contextOf(attributes?.context_extensions),
    findings: textsOf(attributes?.metadata_context?.filter_metadata),
    request: {
      method: http.method ?? '',
      bytes: http.raw_body ?? Buffer.alloc(0),
      body: {
        contentType: headers.values('content-type'),
        contentEncoding: headers.values('content-encoding'),
        partialBody: headers.values('x-envoy-auth-partial-body'),
        size: http.size ?? 0,
      },
      mcp: {
        method: headers.values('mcp-method'),
        name: headers.values('mcp-name'),
        protocolVersion: headers.values('mcp-protocol-version'),
        lastEventId: headers.values('last-event-id'),
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

function own(map: TextMap | undefined, key: string): string | undefined {
  return map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined
}

class Headers {
  readonly names: readonly string[]
  readonly #headers: readonly EnvoyHeader[]

  constructor({ headers, header_map }: HttpRequest) {
    const listed = header_map?.headers ?? []
    this.#headers = headers === undefined ? listed : [...headersOf(headers), ...listed]
    this.names = this.#headers.map(({ key = '' }) => key.toLowerCase())
  }

  get requestId(): string | undefined {
    return requestIdOf(this.values(TRACE_HEADER), this.values(REQUEST_ID_HEADER)[0])
  }

  /** Undefined if there are several. */
  only(name: string): string | undefined {
    const values = this.values(name)
    return values.length === 1 ? values[0] : undefined
  }

  values(name: string): string[] {
    const values: string[] = []
    let at = this.names.indexOf(name)
    while (at >= 0) {
      values.push(textOfHeader(this.#headers[at] ?? {}))
      at = this.names.indexOf(name, at + 1)
    }
    return values
  }
}

function headersOf(map: TextMap): EnvoyHeader[] {
  return Object.entries(map).map(([key, value]) => ({ key, value }))
}
