/** What requests are routed to. Envoy's routes, authz's policy and the discovery documents agree on it. */
export interface Service {
  /** The name that Envoy's route hands to authz as context. */
  readonly name: string
  /** What people call it, on the consent page and in documents. */
  readonly title: string
  /** `https://<connect-host><prefix>` is the audience of its tokens. */
  readonly pathPrefix: string
  /** Every path at which it answers, the one that people type first; each has its own protected-resource document. */
  readonly paths: readonly [string, ...string[]]
  readonly scopes: readonly [string, ...string[]]
  /** The one that a request without `resource` means. */
  readonly isDefault: boolean
}

export const SERVICES: readonly [Service, ...Service[]] = [
  {
    name: 'platform',
    title: 'Quilt Platform MCP Server',
    pathPrefix: '/mcp/platform',
    paths: ['/mcp/platform/mcp', '/mcp/platform', '/mcp'],
    scopes: ['platform'],
    isDefault: true,
  },
]

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
