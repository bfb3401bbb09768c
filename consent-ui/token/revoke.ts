import type { Context, Middleware } from 'koa'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session } from '../../core/sessions/session.ts'
import { aboutSession } from '../audit/about-session.ts'
import type { RateLimits } from '../limits/limits.ts'
import { belongsToSession } from '../oauth/judge-refresh-token.ts'
import { required, type Parameters } from '../oauth/parameters.ts'
import { readHistory } from '../oauth/refresh-history.ts'
import { readRefreshToken, type RefreshToken } from '../oauth/refresh-token.ts'
import { logOutCredential, type LogOutDependencies } from '../sessions/log-out-credential.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import { ownAccessToken, type OwnTokenDependencies } from './own-access-token.ts'
import { readClientRequest, type ClientRequestDependencies } from './client-request.ts'

interface RevokeDependencies extends ClientRequestDependencies, LogOutDependencies, OwnTokenDependencies {
  readonly sessions: SessionStore
  readonly ender: SessionEnder
  readonly limits: RateLimits
}

/** A token's session id and share. */
interface TokenOfSession {
  readonly sessionId: string
  readonly share: string
}

/** The token belongs to no session of the client. */
class NothingToRevoke extends Error {
  readonly clientId: string

  constructor(clientId: string) {
    super('nothing to revoke')
    this.clientId = clientId
  }
}

/** Revocation (RFC 7009). An unknown or foreign token gets the same response (section 2.2) and counts as a failure. */
export function revoke(dependencies: RevokeDependencies): Middleware {
  const { ring, sessions, ender, limits } = dependencies

  return async (ctx) => {
    await endSessionOf(ctx).catch(async (error: unknown) => {
      if (!(error instanceof NothingToRevoke)) throw error
      await limits.take(ctx, 'tokenFailures', error.clientId)
    })
    ctx.status = 200
    ctx.body = ''
  }

  async function endSessionOf(ctx: Context): Promise<void> {
    const { parameters, client } = await readClientRequest(ctx, dependencies, requireToken)
    const { token, session } = await findSession(parameters)
    if (token === undefined || session?.clientId !== client.id) throw new NothingToRevoke(client.id)
    const entry = { name: 'SessionRevoked', by: 'client', ...aboutSession(session) } as const
    await ender.end(session.id, 'client_revoked', entry)
    logOutCredential(dependencies, session, token.share)
  }

  async function requireToken(parameters: Parameters, clientId: string): Promise<void> {
    const { session } = await findSession(parameters)
    if (session?.clientId !== clientId) throw new NothingToRevoke(clientId)
  }

  async function findSession(
    parameters: Parameters,
  ): Promise<{ readonly token: TokenOfSession | undefined; readonly session: Session | undefined }> {
    const token = await readToken(required(parameters, 'token'))
    const session = token === undefined ? undefined : await sessions.find(token.sessionId)
    return { token, session }
  }

  async function readToken(token: string): Promise<TokenOfSession | undefined> {
    const refreshToken = readRefreshToken(token)
    if (refreshToken !== undefined) {
      return (await isOfItsSession(refreshToken)) ? refreshToken : undefined
    }
    const claims = await ownAccessToken(dependencies, token)
    return claims === undefined ? undefined : { sessionId: claims.sid, share: claims.k }
  }

  /** An exchanged token counts too: a client that revokes an old copy wants the session to end. */
  async function isOfItsSession(refreshToken: RefreshToken): Promise<boolean> {
    const state = await sessions.findRefresh(refreshToken.sessionId)
    if (state === undefined) return false
    return belongsToSession(ring, refreshToken, { ...state, history: readHistory(state.history) })
  }
}
