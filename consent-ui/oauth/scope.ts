import type { Service } from '../../core/services/service.ts'

/** Asks for a refresh token (OpenID Connect Core section 11). Every session gets one; it is accepted, not needed. */
export const OFFLINE_ACCESS = 'offline_access'

/**
 * The scope that a request is granted: of what it asks, the part that the service has; where that is nothing, all of
 * the service's scopes. Other values are ignored and the token answer names what was granted (RFC 6749 section 3.3).
 * A scope is a label: what limits a session is its access.
 */
export function grantedScope(requested: string | undefined, { scopes }: Service): string {
  const asked = new Set((requested ?? '').split(' '))
  const own = scopes.filter((scope) => asked.has(scope))
  const offline = asked.has(OFFLINE_ACCESS) ? [OFFLINE_ACCESS] : []
  return [...new Set([...(own.length > 0 ? own : scopes), ...offline])].join(' ')
}
