import type { Access } from '../sessions/session.ts'

/** What Envoy connects for a service. */
export interface Upstream {
  /** Where it is; requests arrive there below this path. With https the certificate must be that host's (RFC 9525). */
  readonly url: URL
  readonly protocol: 'http1' | 'http2'
  /** Whether Quilt credentials may cross the network in the clear on the way. */
  readonly plaintext: boolean
  readonly connectSeconds: number
  /** Nothing was sent in either direction for so long: the request ends. */
  readonly idleSeconds: number
  /** How long Envoy keeps an idle connection to it: less than the service does. */
  readonly keepAliveSeconds: number
}

interface CommonService {
  /** The name that Envoy's route hands to authz as context. */
  readonly name: string
  /** What people call it, on the consent page and in documents. */
  readonly title: string
  /** `https://<connect-host><pathPrefix>` is the audience of its tokens. */
  readonly pathPrefix: string
  /** Where it answers, the one that people type first; each has its own protected-resource document. */
  readonly paths: readonly [string, ...string[]]
  readonly scopes: readonly [string, ...string[]]
  /** The one that a request without `resource` means. */
  readonly isDefault: boolean
  /** What a person may be offered at the consent page, the narrowest first; also bounds live sessions (accessAt). */
  readonly grants: readonly [Access, ...Access[]]
  readonly maxBodyBytes: number
  readonly upstream: Upstream
}

/** An MCP server: each of its paths is exactly one URL, at which it speaks Streamable HTTP. */
export interface McpService extends CommonService {
  readonly kind: 'mcp'
  readonly read: McpReadAccess
}

/** What a session of access `read` may do at an MCP server; everything else is refused. */
export interface McpReadAccess {
  /** Names of tools that it may call. */
  readonly tools: ReadonlySet<string>
  /** Methods that it may use, `tools/call` (of those tools) among them. */
  readonly methods: ReadonlySet<string>
  /** Those of the tools that the operator counts as reading though they can do more, and what that is. */
  readonly more: readonly { readonly tool: string; readonly what: string }[]
  /** Those of the methods that the operator added, and what each does. */
  readonly moreMethods: readonly { readonly method: string; readonly what: string }[]
}

/** A plain HTTP service: its path and everything below. */
export interface HttpService extends CommonService {
  readonly kind: 'http'
  readonly read: HttpReadAccess
  /** Origins, beside its own, that the service may redirect to. */
  readonly redirects: readonly string[]
  /** However long an answer takes, it is cut off then. */
  readonly longestResponseSeconds: number
}

/** What a session of access `read` may do at a plain HTTP service: GET and HEAD below these of its paths. */
interface HttpReadAccess {
  readonly paths: readonly string[]
}

/** What requests are routed to. Envoy's routes, authz's policy and the discovery documents agree on it. */
export type Service = McpService | HttpService

/**
 * The service of a name that was taken from this list before.
 *
 * @throws TypeError when there is none any more: a deployment took it away in between
 */
export function serviceNamed(services: readonly Service[], name: string): Service {
  const service = services.find((candidate) => candidate.name === name)
  if (service === undefined) throw new TypeError(`there is no service named ${name}`)
  return service
}

/** What a token for a service carries as `aud`: one canonical URL, whichever of its URLs was asked for. */
export function audienceOf(origin: string, service: Service): string {
  return `${origin}${service.pathPrefix}`
}

/** One protected resource that a document of ours names (RFC 9728). */
export interface ProtectedResource {
  /** The identifier, the URL that a client connects to. */
  readonly resource: string
  readonly service: Service
}

/**
 * Every protected resource by the path of its document below `/.well-known/oauth-protected-resource`;
 * the root document (path ``) names the default service's canonical resource.
 */
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
