import type { Context } from 'koa'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { VerificationKeys } from '../../core/tokens/verification-keys.ts'
import { verifyAccessToken } from '../../core/tokens/verify-access-token.ts'
import type { RateLimits } from '../limits/limits.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import { belongsToSession } from '../oauth/judge-refresh-token.ts'
import { readHistory } from '../oauth/refresh-history.ts'
import { readRefreshToken, type RefreshToken } from '../oauth/refresh-token.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import { logOutCredential, type LogOutParts } from '../sessions/log-out-credential.ts'
import { readClientRequest, type ClientRequestParts } from './client-request.ts'

export interface RevokeParts extends ClientRequestParts, LogOutParts {
  readonly keys: VerificationKeys
  /** Whether the store says that a key signs access tokens. */
  readonly isSigning: (keyId: string) => Promise<boolean>
  readonly sessions: SessionStore
  readonly ender: SessionEnder
  readonly limits: RateLimits
}

/** A session as one of its tokens points to it. */
interface Pointer {
  readonly sessionId: string
  readonly share: string
}

interface Held {
  readonly pointer: Pointer | undefined
  readonly session: Session | undefined
}

/** The token is of no session of the client that the request names. */
class NothingToRevoke extends Error {
  readonly clientId: string

  constructor(clientId: string) {
    super('nothing to revoke')
    this.clientId = clientId
  }
}

/**
 * Revocation (RFC 7009): either token of a session ends the session, and its Quilt credential is logged out. A token
 * that is none, or another client's, is answered the same (section 2.2) and changes nothing; it counts as a failure.
 */
export function revoke(parts: RevokeParts) {
  return async function revocationEndpoint(ctx: Context): Promise<void> {
    await endSessionOf(ctx).catch(async (error: unknown) => {
      if (!(error instanceof NothingToRevoke)) throw error
      await parts.limits.take(ctx, 'tokenFailures', error.clientId)
    })
    ctx.status = 200
    ctx.body = ''
  }

  async function endSessionOf(ctx: Context): Promise<void> {
    const { parameters, client } = await readClientRequest(ctx, parts, requireToken)
    const { pointer, session } = await sessionOf(parameters)
    if (pointer !== undefined && session?.clientId === client.id) {
      await parts.ender.end(session.id)
      logOutCredential(parts, session, pointer.share)
    } else throw new NothingToRevoke(client.id)
  }

  /** Nothing is fetched for a client that shows no token of its own. */
  async function requireToken(parameters: Parameters, clientId: string): Promise<void> {
    const { session } = await sessionOf(parameters)
    if (session?.clientId !== clientId) throw new NothingToRevoke(clientId)
  }

  async function sessionOf(parameters: Parameters): Promise<Held> {
    const pointer = await pointerOf(required(parameters, 'token'))
    const session = pointer === undefined ? undefined : await parts.sessions.find(pointer.sessionId)
    return { pointer, session }
  }

  async function pointerOf(token: string): Promise<Pointer | undefined> {
    const refreshToken = readRefreshToken(token)
    if (refreshToken !== undefined) {
      return (await isOfItsSession(refreshToken)) ? refreshToken : undefined
    }
    const verified = verifyAccessToken(token, parts.keys, { issuer: parts.issuer, now: parts.now() })
    if (verified.ok) return { sessionId: verified.claims.sid, share: verified.claims.k }
    const { unknownKey } = verified
    // A consent-ui that was deployed before this one may have signed it.
    if (unknownKey !== undefined && (await parts.isSigning(unknownKey)))
      throw new MissingKeyError(unknownKey, 'signing')
    return undefined
  }

  /** One that was exchanged long ago counts too: whoever gives up an old copy wants the session to end. */
  async function isOfItsSession(refreshToken: RefreshToken): Promise<boolean> {
    const state = await parts.sessions.findRefresh(refreshToken.sessionId)
    if (state === undefined) return false
    const standing = { ...state, history: readHistory(state.history) }
    return belongsToSession(parts.ring, refreshToken, standing)
  }
}
