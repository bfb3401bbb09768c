import type { Context } from 'koa'
import type { JWTVerifyGetKey } from 'jose'
import { verifyAccessToken } from '../../core/access-token.ts'
import { sha256 } from '../../core/hash.ts'
import type { KeyRing } from '../../core/keys.ts'
import type { SessionStore } from '../../core/session-store.ts'
import { required } from '../oauth/parameters.ts'
import { readRefreshToken, writeRefreshToken } from '../oauth/refresh-token.ts'
import type { SessionEnder } from '../session-ender.ts'
import { readClientRequest } from './token.ts'

export interface RevokeParts {
  readonly issuer: string
  readonly ring: KeyRing
  readonly keys: JWTVerifyGetKey
  readonly sessions: SessionStore
  readonly ender: SessionEnder
  readonly now: () => number
}

/**
 * Revocation (RFC 7009): either token of a session ends the session. A token that is none, or another client's,
 * is answered the same (section 2.2) and changes nothing.
 */
export function revoke(parts: RevokeParts) {
  return async function revocationEndpoint(ctx: Context): Promise<void> {
    const { parameters, clientId } = readClientRequest(ctx, parts.ring)
    const sessionId = await sessionOf(required(parameters, 'token'))
    const session = sessionId === undefined ? undefined : await parts.sessions.find(sessionId)
    if (session?.clientId === clientId) await parts.ender.end(session.id)
    ctx.status = 200
    ctx.body = ''
  }

  async function sessionOf(token: string): Promise<string | undefined> {
    const refreshToken = readRefreshToken(token)
    if (refreshToken !== undefined) {
      const hash = sha256(writeRefreshToken(refreshToken))
      const known = await parts.sessions.knowsRefreshToken(refreshToken.sessionId, hash)
      return known ? refreshToken.sessionId : undefined
    }
    const verified = await verifyAccessToken(token, parts.keys, { issuer: parts.issuer, now: parts.now() })
    return verified.ok ? verified.claims.sid : undefined
  }
}
