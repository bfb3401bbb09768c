import type { Access } from '../sessions/session.ts'

export interface Upstream {
  /** Requests arrive below its path. With https, Envoy verifies the host's certificate (RFC 9525). */
  readonly url: URL
  readonly protocol: 'http1' | 'http2'
  /** True if Quilt credentials may cross the network in the clear. */
  readonly plaintext: boolean
  readonly connectSeconds: number
  /** A request ends after this long without a byte in either direction. */
  readonly idleSeconds: number
  /** Envoy closes an idle connection after this long; the service must keep it longer. */
  readonly keepAliveSeconds: number
}

interface CommonService {
  readonly name: string
  readonly title: string
  /** `https://<connect-host><pathPrefix>` is the audience of its tokens. */
  readonly pathPrefix: string
  /** The users' usual URL first. Each path has its own protected-resource document. */
  readonly paths: readonly [string, ...string[]]
  readonly scopes: readonly [string, ...string[]]
  /** True for the service that a request without `resource` means. */
  readonly isDefault: boolean
  /** Choices of the consent page, the lowest first; they also limit live sessions (accessAt). */
  readonly grants: readonly [Access, ...Access[]]
  readonly maxBodyBytes: number
  readonly upstream: Upstream
}

export interface McpService extends CommonService {
  readonly kind: 'mcp'
  readonly read: McpReadAccess
}

/** Read access to an MCP server; authz refuses everything else. */
export interface McpReadAccess {
  readonly tools: ReadonlySet<string>
  readonly methods: ReadonlySet<string>
  /** Tools that can do more than read but that the operator allows, each with a description. */
  readonly more: readonly { readonly tool: string; readonly what: string }[]
  readonly moreMethods: readonly { readonly method: string; readonly what: string }[]
  /** Known tools that change something, for the consent page only. */
  readonly changes: readonly string[]
}

export interface HttpService extends CommonService {
  readonly kind: 'http'
  readonly read: HttpReadAccess
  /** Origins that the service may redirect to, beside its own. */
  readonly redirects: readonly string[]
  /** Envoy's upstream timeout: a longer response is cut off. */
  readonly longestResponseSeconds: number
}

/** A session of access `read` may GET and HEAD below these paths. */
interface HttpReadAccess {
  readonly paths: readonly string[]
}

export type Service = McpService | HttpService

/** @throws TypeError if a deployment has removed the service since */
export function serviceNamed(services: readonly Service[], name: string): Service {
  const service = services.find((candidate) => candidate.name === name)
  if (service === undefined) throw new TypeError(`no service is named ${name}`)
  return service
}

/** `aud` of tokens for a service: one canonical URL for all of its URLs. */
export function audienceOf(origin: string, service: Service): string {
  return `${origin}${service.pathPrefix}`
}

export interface ProtectedResource {
  /** Its identifier: the URL that a client connects to. */
  readonly resource: string
  readonly service: Service
}

/** Protected resources (RFC 9728) by document path; the root document (path ``) is the default service's. */
export function protectedResources(
  origin: string,
  services: readonly Service[],
): ReadonlyMap<string, ProtectedResource> {
  const documents = new Map<string, ProtectedResource>()
  for (const service of services) {
    if (service.isDefault) documents.set('', { resource: audienceOf(origin, service), service })
    for (const path of service.paths) documents.set(path, { resource: `${origin}${path}`, service })
  }
  return documents
}
