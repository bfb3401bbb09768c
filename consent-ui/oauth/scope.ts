import type { Service } from '../../core/services/service.ts'

/** Accepted, not needed: every session gets a refresh token (OpenID Connect Core section 11). */
export const OFFLINE_ACCESS = 'offline_access'

/** The requested scopes of the service, or all of its scopes. A scope is a label: the session's access is the limit. */
export function grantedScope(requested: string | undefined, { scopes }: Service): string {
  const asked = new Set((requested ?? '').split(' '))
  const own = scopes.filter((scope) => asked.has(scope))
  const offline = asked.has(OFFLINE_ACCESS) ? [OFFLINE_ACCESS] : []
  return [...new Set([...(own.length > 0 ? own : scopes), ...offline])].join(' ')
}
