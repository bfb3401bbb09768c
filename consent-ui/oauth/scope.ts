import type { Service } from '../../core/services/service.ts'

/** Accepted, not needed: every session gets a refresh token (OpenID Connect Core section 11). */
export const OFFLINE_ACCESS = 'offline_access'

/**
 * The requested scopes that the service has, or all of its scopes if there are none. The token response names the
 * granted scope (RFC 6749 section 3.3). A scope is only a label: the session's access is the limit.
 */
export function grantedScope(requested: string | undefined, { scopes }: Service): string {
  const asked = new Set((requested ?? '').split(' '))
  const own = scopes.filter((scope) => asked.has(scope))
  const offline = asked.has(OFFLINE_ACCESS) ? [OFFLINE_ACCESS] : []
  return [...new Set([...(own.length > 0 ? own : scopes), ...offline])].join(' ')
}
