import type { Context, Middleware, Next } from 'koa'
import { isBlockedSession } from '../../core/clients/blocked-clients.ts'
import type { Controls } from '../../core/controls/control-follower.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { accessAt } from '../../core/services/granted-access.ts'
import { audienceOf, type Service } from '../../core/services/service.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import { accessOf, openCredential, type Session } from '../../core/sessions/session.ts'
import type { AccessTokenClaims } from '../../core/tokens/access-token.ts'
import { authenticateCaller, type CallerDependencies } from '../callers/authenticate-caller.ts'
import { Stopped } from '../oauth/errors.ts'
import { readParameters, required } from '../oauth/parameters.ts'
import { ownAccessToken, type OwnTokenDependencies } from './own-access-token.ts'
import type { UserStatusCheck } from './user-status-check.ts'

interface IntrospectDependencies extends OwnTokenDependencies {
  readonly ring: KeyRing
  /** Of the Connect host, where the audiences of tokens are. */
  readonly origin: string
  readonly services: readonly Service[]
  readonly sessions: SessionStore
  readonly controls: Controls
  readonly userStatusCheck: UserStatusCheck
}

/** RFC 7662 section 2.2. Says nothing about why. */
const INACTIVE = { active: false }

/** Lets only programs with a key for introspection in, before the body is read. */
export function requireIntrospector(dependencies: CallerDependencies): Middleware {
  return async function requireIntrospector(ctx: Context, next: Next): Promise<void> {
    await authenticateCaller(dependencies, ctx, 'introspect')
    await next()
  }
}

/**
 * Token introspection (RFC 7662) for the operator's own services: judges an access token as authz does. Refresh tokens
 * are never active, since no service may accept one. The share `k` is not in the answer.
 */
export function introspect(dependencies: IntrospectDependencies): Middleware {
  const { ring, sessions, userStatusCheck, now } = dependencies

  return async function introspectToken(ctx: Context): Promise<void> {
    const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const claims = await ownAccessToken(dependencies, required(form, 'token'))
    ctx.body = (claims === undefined ? undefined : await factsOf(claims)) ?? INACTIVE
  }

  async function factsOf(claims: AccessTokenClaims): Promise<object | undefined> {
    const session = await sessions.find(claims.sid)
    const service = serviceOf(claims)
    if (session === undefined || service === undefined || !belongsTo(claims, session)) return undefined
    if (dependencies.controls.isStopped(service.name)) throw new Stopped(service.title)
    const { blocked } = dependencies.controls
    const isBlocked = isBlockedSession(session, { blocked, ring })
    const credential = isBlocked ? undefined : openCredential(ring, session, claims.k)
    if (credential === undefined) return undefined
    const end = Math.min(claims.exp, session.expiresAt, credential.expiresAt)
    // Written so that NaN counts as expired.
    if (!(end > now())) return undefined
    const status = await userStatusCheck.endIfUserInactive({ session, credential, isChecked: false })
    if (status === 'ended') return undefined
    const { iss, aud, sub, client_id, scope, iat, jti } = claims
    const access = accessAt(service, accessOf(session))
    const username = session.person.email
    return {
      active: true,
      token_type: 'Bearer',
      iss,
      aud,
      sub,
      username,
      client_id,
      scope,
      access,
      iat,
      exp: end,
      jti,
    }
  }

  function serviceOf({ aud }: AccessTokenClaims): Service | undefined {
    return dependencies.services.find((service) => audienceOf(dependencies.origin, service) === aud)
  }
}

function belongsTo(claims: AccessTokenClaims, session: Session): boolean {
  return (
    session.id === claims.sid &&
    session.clientId === claims.client_id &&
    session.person.name === claims.sub &&
    session.resource === claims.aud
  )
}
