import type { Service } from '../../core/services/service.ts'
import { OAuthError } from './errors.ts'

/** Asks for a refresh token (OpenID Connect Core section 11). Everybody gets one; it is accepted, not needed. */
export const OFFLINE_ACCESS = 'offline_access'

/**
 * The scope that a request is granted: what it asks for, or the service's own when it names none.
 *
 * @throws OAuthError `invalid_scope`, saying which there are
 */
export function grantedScope(requested: string | undefined, service: Service): string {
  const known = [...service.scopes, OFFLINE_ACCESS]
  const asked = new Set((requested ?? '').split(' ').filter((scope) => scope !== ''))
  const unknown = [...asked].filter((scope) => !known.includes(scope))
  if (unknown.length > 0) throw new OAuthError('invalid_scope', `scope may hold ${known.join(' ')}`)
  const granted = new Set(
    service.scopes.some((scope) => asked.has(scope)) ? asked : [...service.scopes, ...asked],
  )
  return [...granted].join(' ')
}

/**
 * The scope of a refresh, which may ask for no more than was granted (RFC 6749 section 6).
 *
 * @throws OAuthError `invalid_scope`
 */
export function requireWithin(requested: string | undefined, granted: string): void {
  const held = new Set(granted.split(' '))
  const wider = (requested ?? '').split(' ').filter((scope) => scope !== '' && !held.has(scope))
  if (wider.length > 0) throw new OAuthError('invalid_scope', `scope must stay within ${granted}`)
}
