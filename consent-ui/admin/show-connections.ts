import type { Context } from 'koa'
import { isBlockedSession } from '../../core/clients/blocked-clients.ts'
import type { Controls } from '../../core/controls/control-follower.ts'
import type { ControlRecord } from '../../core/controls/control-record.ts'
import type { ControlStore } from '../../core/controls/control-store.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { accessAt } from '../../core/services/granted-access.ts'
import { audienceOf, type Service } from '../../core/services/service.ts'
import type { IndexEntry } from '../../core/sessions/session-index.ts'
import { accessOf } from '../../core/sessions/session.ts'
import { ADMIN_PAGE } from '../http/paths.ts'
import { parseParameters, readParameters, type Parameters } from '../oauth/parameters.ts'
import { adminPage, type BlockView, type ConnectionView } from '../pages/admin-page.ts'
import { adminSignIn, type AdminSignInDependencies } from './admin-sign-in.ts'
import { actionUrl, sessionHandle } from './actions.ts'
import { administratorAt, type Administrator } from './administrator.ts'
import type { Connection, ConnectionFilter, Connections } from './connections.ts'

export interface ShowConnectionsDependencies extends AdminSignInDependencies {
  readonly ring: KeyRing
  readonly services: readonly Service[]
  readonly connections: Connections
  readonly controls: Controls
  readonly controlStore: ControlStore
}

const MAX_FILTER_CHARACTERS = 200
/** Enough of a session's id to tell sessions of the same second apart, and no more. */
const CURSOR_ID_CHARACTERS = 8

/** GET /connect/admin: signs the administrator in, and lists the connections of the organisation. */
export function showConnections(dependencies: ShowConnectionsDependencies) {
  const findAdministrator = administratorAt(dependencies)
  const { signIn } = adminSignIn(dependencies)
  const { connections, services, origin, ring, controls, controlStore } = dependencies

  return async function listConnections(ctx: Context): Promise<void> {
    const query = parseParameters(ctx.querystring).parameters
    const wantsAnother = query.get('account') === 'another'
    const administrator = (wantsAnother ? undefined : await findAdministrator(ctx)) ?? (await signIn(ctx))
    if (administrator !== undefined) await show(ctx, administrator, query)
  }

  async function show(ctx: Context, administrator: Administrator, query: Parameters): Promise<void> {
    const filter = filterOf(query)
    const before = readCursor(query.get('before') ?? '')
    const [page, { blocked }] = await Promise.all([connections.page(filter, before), controlStore.read()])
    ctx.type = 'html'
    ctx.body = adminPage({
      email: administrator.user.email,
      endsAt: administrator.session.endsAt,
      filter,
      services: services.map((service) => ({ resource: audienceOf(origin, service), title: service.title })),
      connections: page.connections.map((connection) => viewOf(connection, administrator)),
      isFirst: before === undefined,
      nextUrl: page.next === undefined ? undefined : pageUrl(filter, page.next),
      blocks: blocked.map(blockView),
    })
  }

  function viewOf({ session, fingerprint, usedAt }: Connection, { browser }: Administrator): ConnectionView {
    const { person, clientName, createdAt, expiresAt } = session
    const service = services.find((candidate) => audienceOf(origin, candidate) === session.resource)
    const granted = accessOf(session)
    return {
      person,
      clientName,
      fingerprint,
      isBlocked: isBlockedSession(session, { blocked: controls.blocked, ring }),
      // Sessions of a service that is no longer configured can still be ended.
      service: service?.title ?? session.resource,
      access: service === undefined ? granted : accessAt(service, granted),
      createdAt,
      usedAt,
      expiresAt,
      urls: {
        end: actionUrl({ kind: 'end_session', target: sessionHandle(ring, browser, session) }),
        endUser: actionUrl({ kind: 'end_user', target: person.name }),
        endClient: actionUrl({ kind: 'end_client', target: fingerprint }),
        block: actionUrl({ kind: 'block_client', target: fingerprint }),
      },
    }
  }
}

/** POST /connect/admin: the form with a one-time code. */
export function answerAdminCode(dependencies: AdminSignInDependencies) {
  const { answerCode } = adminSignIn(dependencies)
  return async function answerCodeForm(ctx: Context): Promise<void> {
    await answerCode(ctx, readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : ''))
  }
}

function filterOf(query: Parameters): ConnectionFilter {
  const text = (name: string): string => (query.get(name) ?? '').trim().slice(0, MAX_FILTER_CHARACTERS)
  return { user: text('user'), client: text('client'), resource: text('service') }
}

function pageUrl({ user, client, resource }: ConnectionFilter, { addedAt, id }: IndexEntry): string {
  const before = `${addedAt}.${id.slice(0, CURSOR_ID_CHARACTERS)}`
  return `${ADMIN_PAGE}?${new URLSearchParams({ user, client, service: resource, before }).toString()}`
}

function readCursor(text: string): IndexEntry | undefined {
  const [, addedAt, id] = /^(\d{1,12})\.([\w-]{0,8})$/.exec(text) ?? []
  return addedAt === undefined || id === undefined ? undefined : { addedAt: Number(addedAt), id }
}

function blockView({ entry, name, by, at }: ControlRecord['blocked'][number]): BlockView {
  return { entry, clientName: name, by, at, unblockUrl: actionUrl({ kind: 'unblock_client', target: entry }) }
}
