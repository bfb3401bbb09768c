/**
 * Removed from every request: Cookie, which is between the browser and consent-ui, and the names by which
 * proxies in front of a service commonly tell it who somebody is (oauth2-proxy, Traefik, Keycloak Gatekeeper).
 */
const ALWAYS_REMOVED = [
  'cookie',
  'x-forwarded-user',
  'x-forwarded-email',
  'x-forwarded-groups',
  'x-forwarded-preferred-username',
  'x-forwarded-access-token',
]

/**
 * Quilt's own, the usual family of ext_authz services, and what an AWS load balancer vouches for. Envoy strips
 * them before it asks; one that is seen here all the same is removed by its name.
 */
const IDENTITY_PREFIXES = ['x-quilt-', 'x-auth-', 'x-amzn-oidc-']

/**
 * What a caller sent and the service must not read: only the Quilt credential says who asks.
 *
 * @param names - of the request's headers, in lower case
 */
export function headersToRemove(names: readonly string[]): string[] {
  return [...ALWAYS_REMOVED, ...names.filter(isIdentity)]
}

function isIdentity(name: string): boolean {
  return IDENTITY_PREFIXES.some((prefix) => name.startsWith(prefix))
}
