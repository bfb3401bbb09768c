import type { Context } from 'koa'
import type { Audit, AuditEntry } from '../../core/audit/audit-entry.ts'
import { recordOutcome } from '../../core/audit/record-outcome.ts'
import type { Controls } from '../../core/controls/control-follower.ts'
import type { ControlStore } from '../../core/controls/control-store.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import type { Session } from '../../core/sessions/session.ts'
import { formToken, isFormToken } from '../browser/form-token.ts'
import { ADMIN_PAGE } from '../http/paths.ts'
import { seeOther } from '../http/see-other.ts'
import type { RateLimits } from '../limits/limits.ts'
import { parseParameters, readParameters } from '../oauth/parameters.ts'
import { adminDonePage, adminQuestionPage, type ActionView } from '../pages/admin-action-page.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import { actionForm, affectedSessions, readAction, type AdminAction } from './actions.ts'
import { administratorAt, type Administrator, type AdministratorDependencies } from './administrator.ts'
import { pageChanged } from './admin-sign-in.ts'
import type { Connections } from './connections.ts'
import { aboutActor, type EndConnections, type Ended } from './end-connections.ts'

export interface ActionDependencies extends AdministratorDependencies {
  readonly ring: KeyRing
  readonly origin: string
  readonly connections: Connections
  readonly endConnections: EndConnections
  readonly controls: Controls
  readonly controlStore: ControlStore
  readonly ender: SessionEnder
  readonly limits: RateLimits
  readonly audit: Audit
  readonly log: Log
  readonly now: () => number
}

/** GET: says what an action would do, and asks. It changes nothing. */
export function askBeforeAction(dependencies: ActionDependencies) {
  const findAdministrator = administratorAt(dependencies)

  return async function askFirst(ctx: Context): Promise<void> {
    const administrator = await findAdministrator(ctx)
    const action = readAction(parseParameters(ctx.querystring).parameters)
    if (administrator === undefined || action === undefined) {
      await toSignIn(dependencies, ctx)
      return
    }
    const sessions = await affectedSessions(dependencies, administrator, action)
    const csrfToken = formToken(dependencies.ring, actionForm(administrator, action))
    ctx.type = 'html'
    const clientName = await clientNameOf(dependencies, action, sessions)
    ctx.body = adminQuestionPage(viewOf(action, { sessions, clientName }), csrfToken)
  }
}

/** POST: carries out what the administrator confirmed. */
export function act(dependencies: ActionDependencies) {
  const findAdministrator = administratorAt(dependencies)
  const { controls, endConnections, controlStore, ender, audit, log, now } = dependencies

  return async function carryOut(ctx: Context): Promise<void> {
    const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const administrator = await findAdministrator(ctx)
    if (administrator === undefined) {
      await toSignIn(dependencies, ctx)
      return
    }
    const action = readAction(form)
    if (action === undefined || !isConfirmed(ctx, form.get('csrf_token') ?? '', { administrator, action })) {
      throw pageChanged()
    }
    const blockedName = await clientNameOf(dependencies, action, [])
    const { sessions, ended } = await recordOutcome(
      audit,
      (performed) => entryOf(administrator, action, performed?.ended),
      () => perform(administrator, action),
    )
    logAction(administrator, action, { sessions, ended })
    ctx.type = 'html'
    const clientName = sessions[0]?.clientName ?? blockedName
    ctx.body = adminDonePage(viewOf(action, { sessions, clientName }), ended)
  }

  function isConfirmed(
    ctx: Context,
    token: string,
    { administrator, action }: { readonly administrator: Administrator; readonly action: AdminAction },
  ): boolean {
    const isOurs = isFormToken(dependencies.ring, token, actionForm(administrator, action))
    return ctx.get('Origin') === dependencies.origin && isOurs
  }

  async function perform(
    administrator: Administrator,
    action: AdminAction,
  ): Promise<{ readonly sessions: readonly Session[]; readonly ended: Ended }> {
    if (action.kind === 'end_user') await endConnections.refuseEarlierCodes([action.target])
    const sessions = await affectedSessions(dependencies, administrator, action)
    if (action.kind === 'block_client' || action.kind === 'unblock_client') {
      return {
        sessions,
        ended: { count: 0, ...(await changeBlock(administrator, action, sessions[0]?.clientName)) },
      }
    }
    return {
      sessions,
      ended: await endConnections.end(sessions, { by: 'administrator', user: administrator.user }),
    }
  }

  async function changeBlock(
    { user }: Administrator,
    { kind, target }: AdminAction,
    name: string | undefined,
  ) {
    const confirmation = await ender.announce(kind, (change) =>
      kind === 'block_client'
        ? controlStore.blockClient(target, { by: user.name, at: now(), change, name })
        : controlStore.unblockClient(target, { change }),
    )
    // The page that the administrator opens next shows it.
    await controls.refresh()
    return confirmation
  }

  function entryOf({ user }: Administrator, action: AdminAction, ended: Ended | undefined): AuditEntry {
    const about = aboutActor({ by: 'administrator', user })
    return { name: 'AdministratorAction', ...about, details: detailsOf(action, ended) }
  }

  function logAction(
    { user }: Administrator,
    action: AdminAction,
    { sessions, ended }: { readonly sessions: readonly Session[]; readonly ended: Ended },
  ): void {
    const people = [...new Set(sessions.map(({ person }) => person.name))]
    log.info({ administrator: user.name, people, ...detailsOf(action, ended) }, 'administration: action')
  }
}

/** @param ended - undefined if the action failed, maybe halfway */
function detailsOf({ kind, target }: AdminAction, ended: Ended | undefined) {
  const isAboutClient = kind !== 'end_user' && kind !== 'end_session'
  return {
    action: kind,
    sessions: ended?.count,
    acknowledged: ended?.isAcknowledged,
    ...(isAboutClient ? { client: target } : {}),
  }
}

async function toSignIn({ limits }: ActionDependencies, ctx: Context): Promise<void> {
  await limits.takeUnknownUser(ctx)
  seeOther(ctx, ADMIN_PAGE)
}

/** @returns undefined if the action is not about a client, or its name is not known */
async function clientNameOf(
  { controlStore }: Pick<ActionDependencies, 'controlStore'>,
  { kind, target }: AdminAction,
  [session]: readonly Session[],
): Promise<string | undefined> {
  if (kind !== 'unblock_client') return session?.clientName
  return (await controlStore.read()).blocked.find(({ entry }) => entry === target)?.name
}

function viewOf(
  { kind, target }: AdminAction,
  {
    sessions,
    clientName,
  }: { readonly sessions: readonly Session[]; readonly clientName: string | undefined },
): ActionView {
  return {
    kind,
    target,
    clientName,
    sessions: sessions.map(({ person, clientName, createdAt }) => ({ person, clientName, createdAt })),
  }
}
