import type { Session } from '../../core/sessions/session.ts'
import { OAuthError } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import { readRefreshToken } from '../oauth/refresh-token.ts'
import { audienceOf } from '../../core/services/service.ts'
import type { Caller } from './caller.ts'
import { checkPerson } from './check-person.ts'
import { refreshTokenExchange, refuse } from './exchange-refresh-token.ts'
import { keepCurrent } from './renew.ts'
import { tokenResponse, type GrantParts, type TokenResponse } from './token-response.ts'

/** `grant_type=refresh_token`: each token is exchanged for its successor, once; repeated at once, for the same one. */
export function refresh(parts: GrantParts) {
  const currentCredential = keepCurrent(parts)
  const isInGoodStanding = checkPerson(parts)
  const { examine, exchange } = refreshTokenExchange(parts)

  return async function refreshTokenGrant(parameters: Parameters, caller: Caller): Promise<TokenResponse> {
    const presented = readRefreshToken(required(parameters, 'refresh_token'))
    const session = presented === undefined ? undefined : await parts.sessions.find(presented.sessionId)
    if (presented === undefined || session?.clientId !== caller.clientId) return refuse()
    if (session.expiresAt <= parts.now()) return refuse()
    checkAgainstGrant(parameters, session)
    const shown = { presented, session, caller }
    // Nobody else is asked for a token that does not count.
    await examine(shown)
    const current = await currentCredential(session.id, presented.share)
    if (current === undefined || !(await isInGoodStanding(current))) return refuse()
    const refreshToken = await exchange(shown)
    return await tokenResponse(parts, current.session, { refreshToken, credential: current.credential })
  }

  /** `scope` is not read: the session keeps what it was granted, whatever a refresh asks for (RFC 6749 section 6). */
  function checkAgainstGrant(parameters: Parameters, session: Session): void {
    const resource = parameters.get('resource')
    if (resource === undefined) return
    const audience = audienceOf(parts.origin, parts.serviceOf(resource))
    if (audience !== session.resource)
      throw new OAuthError('invalid_target', 'resource is not the one granted')
  }
}
