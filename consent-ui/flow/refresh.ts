import { sha256 } from '../../core/hash.ts'
import type { Session } from '../../core/session.ts'
import { REFRESH_REPEAT_SECONDS } from '../lifetimes.ts'
import { OAuthError } from '../oauth/errors.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import {
  readRefreshToken,
  successorOf,
  writeRefreshToken,
  type RefreshToken,
} from '../oauth/refresh-token.ts'
import { requireWithin } from '../oauth/scope.ts'
import { audienceOf } from '../../core/services.ts'
import { checkPerson } from './check-person.ts'
import { keepCurrent } from './renew.ts'
import { tokenResponse, type GrantParts, type TokenResponse } from './token-response.ts'

/** `grant_type=refresh_token`: each token is exchanged for its successor, once; repeated at once, for the same one. */
export function refresh(parts: GrantParts) {
  const currentCredential = keepCurrent(parts)
  const isInGoodStanding = checkPerson(parts)

  return async function refreshTokenGrant(parameters: Parameters, clientId: string): Promise<TokenResponse> {
    const presented = readRefreshToken(required(parameters, 'refresh_token'))
    const session = presented === undefined ? undefined : await parts.sessions.find(presented.sessionId)
    if (presented === undefined || session?.clientId !== clientId || session.expiresAt <= parts.now()) {
      throw invalidGrant()
    }
    checkAgainstGrant(parameters, session)
    // Nobody else is asked, and nothing ends, for a token that is not this session's.
    const hash = sha256(writeRefreshToken(presented))
    if (!(await parts.sessions.knowsRefreshToken(session.id, hash))) throw invalidGrant()
    const current = await currentCredential(session.id, presented.share)
    if (current === undefined || !(await isInGoodStanding(current))) throw invalidGrant()
    const refreshToken = await rotated(presented, session)
    return await tokenResponse(parts, current.session, { refreshToken, credential: current.credential })
  }

  function checkAgainstGrant(parameters: Parameters, session: Session): void {
    const resource = parameters.get('resource')
    if (resource !== undefined) {
      const audience = audienceOf(parts.tokenIssuer.issuer, parts.serviceOf(resource))
      if (audience !== session.resource)
        throw new OAuthError('invalid_target', 'resource is not the one granted')
    }
    requireWithin(parameters.get('scope'), session.scope)
  }

  async function rotated(presented: RefreshToken, session: Session): Promise<RefreshToken> {
    const keyId = parts.ring.current.id
    const successor = derived(presented, keyId)
    const rotation = await parts.sessions.rotate(
      { sessionId: session.id, hash: sha256(writeRefreshToken(presented)) },
      {
        refresh: { hash: sha256(writeRefreshToken(successor)), generation: successor.generation, keyId },
        idleSeconds: Math.min(parts.lifetimes.idleSeconds, session.expiresAt - parts.now()),
      },
      { now: parts.now(), seconds: REFRESH_REPEAT_SECONDS },
    )
    switch (rotation.outcome) {
      case 'rotated':
        return successor
      case 'repeated':
        return derived(presented, rotation.keyId)
      case 'stale':
      case 'gone':
        throw invalidGrant()
    }
  }

  function derived(presented: RefreshToken, keyId: string): RefreshToken {
    const successor = successorOf(parts.ring, presented, keyId)
    if (successor === undefined) throw invalidGrant()
    return successor
  }
}

function invalidGrant(): OAuthError {
  return new OAuthError('invalid_grant', 'the refresh token is unknown, used, expired or revoked')
}
