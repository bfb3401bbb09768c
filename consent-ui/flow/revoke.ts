import type { Context } from 'koa'
import type { KeyRing } from '../../core/keys.ts'
import type { SessionStore } from '../../core/session-store.ts'
import { openCredential } from '../../core/session.ts'
import type { VerificationKeys } from '../../core/verification-keys.ts'
import { verifyAccessToken } from '../../core/verify-access-token.ts'
import type { RateLimits } from '../limits/limits.ts'
import { required } from '../oauth/parameters.ts'
import { belongsToSession } from '../oauth/judge-refresh-token.ts'
import { readHistory } from '../oauth/refresh-history.ts'
import { readRefreshToken, type RefreshToken } from '../oauth/refresh-token.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { SessionEnder } from '../session-ender.ts'
import { readClientRequest, type ClientRequestParts } from './client-request.ts'

export interface RevokeParts extends ClientRequestParts {
  readonly ring: KeyRing
  readonly keys: VerificationKeys
  readonly sessions: SessionStore
  readonly ender: SessionEnder
  readonly logouts: Logouts
  readonly limits: RateLimits
  readonly now: () => number
}

/** A session as one of its tokens points to it. */
interface Pointer {
  readonly sessionId: string
  readonly share: string
}

/**
 * Revocation (RFC 7009): either token of a session ends the session, and its Quilt credential is logged out. A token
 * that is none, or another client's, is answered the same (section 2.2) and changes nothing; it counts as a failure.
 */
export function revoke(parts: RevokeParts) {
  return async function revocationEndpoint(ctx: Context): Promise<void> {
    const { parameters, client } = await readClientRequest(ctx, parts)
    const pointer = await pointerOf(required(parameters, 'token'))
    const session = pointer === undefined ? undefined : await parts.sessions.find(pointer.sessionId)
    if (pointer !== undefined && session?.clientId === client.id) {
      await parts.ender.end(session.id)
      // The session is dead by now, whatever becomes of this.
      const credential = openCredential(parts.ring, session, pointer.share)
      if (credential !== undefined && credential.expiresAt > parts.now())
        parts.logouts.begin(credential.token)
    } else await parts.limits.take(ctx, 'tokenFailures', client.id)
    ctx.status = 200
    ctx.body = ''
  }

  async function pointerOf(token: string): Promise<Pointer | undefined> {
    const refreshToken = readRefreshToken(token)
    if (refreshToken !== undefined) {
      return (await isOfItsSession(refreshToken)) ? refreshToken : undefined
    }
    const verified = verifyAccessToken(token, parts.keys, { issuer: parts.issuer, now: parts.now() })
    return verified.ok ? { sessionId: verified.claims.sid, share: verified.claims.k } : undefined
  }
  /** One that was exchanged long ago counts too: whoever gives up an old copy wants the session to end. */
  async function isOfItsSession(refreshToken: RefreshToken): Promise<boolean> {
    const state = await parts.sessions.findRefresh(refreshToken.sessionId)
    if (state === undefined) return false
    const standing = { ...state, history: readHistory(state.history) }
    return belongsToSession(parts.ring, refreshToken, standing)
  }
}
