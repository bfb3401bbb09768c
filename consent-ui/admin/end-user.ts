import type { Context, Middleware } from 'koa'
import { z } from 'zod'
import type { Audit } from '../../core/audit/audit-entry.ts'
import { recordOutcome } from '../../core/audit/record-outcome.ts'
import type { Log } from '../../core/log/log.ts'
import {
  authenticateCaller,
  callerRefused,
  readBearer,
  type CallerDependencies,
} from '../callers/authenticate-caller.ts'
import { OAuthError } from '../oauth/errors.ts'
import type { AskQuiltUser } from '../quilt/administrators.ts'
import { once, type Connections } from './connections.ts'
import { aboutActor, type Actor, type EndConnections, type Ended } from './end-connections.ts'

export interface EndUserDependencies extends CallerDependencies {
  readonly askQuiltUser: AskQuiltUser
  /** False if no Quilt administrator may use the API (ADMIN_PAGE). */
  readonly acceptsAdministrators: boolean
  readonly connections: Connections
  readonly endConnections: EndConnections
  readonly audit: Audit
  readonly log: Log
}

const MAX_EMAIL_CHARACTERS = 254
const bodySchema = z.strictObject({ email: z.string().min(3).max(MAX_EMAIL_CHARACTERS) })

/** As authz reads API keys, which Quilt recognizes by their prefix. */
const API_KEY = /^qk_[A-Za-z0-9\-._~+/]{20,253}=*$/

/** Lets a program with a key for this use in, or an administrator with their API key, before the body is read. */
export function requireOffboarder(dependencies: EndUserDependencies): Middleware {
  const { askQuiltUser, limits } = dependencies

  return async function requireOffboarder(ctx, next) {
    const key = readBearer(ctx.get('Authorization'))
    const isApiKey = dependencies.acceptsAdministrators && key !== undefined && API_KEY.test(key)
    ctx.state.actor = isApiKey ? await administratorWith(ctx, key) : await program(ctx)
    await next()
  }

  async function program(ctx: Context): Promise<Actor> {
    return { by: 'operator', key: (await authenticateCaller(dependencies, ctx, 'end-user')).name }
  }

  /** Counted first: each is a question to the Registry. Never cached. */
  async function administratorWith(ctx: Context, key: string): Promise<Actor> {
    await limits.takeCallerFailure(ctx)
    const user = await askQuiltUser(key).catch(async (error: unknown) => {
      await limits.giveBackCallerFailure(ctx)
      throw error
    })
    if (user === undefined) throw callerRefused(dependencies, ctx)
    if (user.isAdmin) {
      await limits.giveBackCallerFailure(ctx)
      return { by: 'administrator', user }
    }
    const { name, email } = user
    const reason = 'not_an_administrator'
    dependencies.log.warn({ person: name, reason }, 'administration refused')
    const refused = { isSuccess: false, reason, person: { name, email } } as const
    dependencies.audit.record({ name: 'AdministrationOpened', by: 'user', ...refused })
    throw new OAuthError('access_denied', 'the owner of this API key is not a Quilt administrator', 403)
  }
}

/** `POST /connect/admin/api/end-user` with `{"email"}`: ends every session of a person who leaves the organisation. */
export function endUser(dependencies: EndUserDependencies): Middleware {
  const { connections, endConnections, audit, log } = dependencies

  return async function endUserSessions(ctx) {
    const { data } = bodySchema.safeParse(ctx.request.body)
    if (data === undefined)
      throw new OAuthError('invalid_request', 'the body must be {"email":"ada@example.com"}')
    const actor = ctx.state.actor as Actor
    const about = aboutActor(actor)
    const outcomeOf = (ended: Ended | undefined) => ({
      action: 'end_user',
      sessions: ended?.count,
      acknowledged: ended?.isAcknowledged,
    })
    const ended = await recordOutcome<Ended>(
      audit,
      (done) => ({
        name: 'AdministratorAction',
        ...about,
        details: { ...about.details, ...outcomeOf(done) },
      }),
      () => endEvery(data.email, actor),
    )
    log.info({ by: about, ...outcomeOf(ended) }, 'administration: sessions of a user ended')
    const { count, isAcknowledged, isReplicated } = ended
    ctx.body = { ended: count, acknowledged: isAcknowledged, replicated: isReplicated }
  }

  /** Addresses in any case: a session that is missed is worse than one that ends in error. */
  async function endEvery(email: string, actor: Actor): Promise<Ended> {
    const before = await connections.everyAt(email)
    const names = before.map(({ person }) => person.name)
    await endConnections.refuseEarlierCodes(names, email)
    // Listed again: a code that was redeemed meanwhile has a session by now, or is refused.
    return await endConnections.end(once([...before, ...(await connections.everyAt(email))]), actor)
  }
}
