import type { Context, Middleware } from 'koa'
import type { KeyRing } from '../../core/keys/keys.ts'
import { readSessionDetails } from '../../core/sessions/session-details.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Store } from '../../core/store/redis.ts'
import { aboutSession } from '../audit/about-session.ts'
import { readParameters } from '../oauth/parameters.ts'
import { connectionEndedPage, noticePage, nothingToEndPage } from '../pages/notice-page.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import { quiltUser } from '../store/link-store.ts'
import type { PersonSessions } from '../store/person-sessions.ts'
import { facts } from './notice-text.ts'
import { readNoticeToken } from './notice-link.ts'

interface NoticePageDependencies {
  readonly store: Store
  readonly ring: KeyRing
  readonly sessions: SessionStore
  readonly personSessions: PersonSessions
  readonly registryUrl: URL
  readonly ender: SessionEnder
  readonly now: () => number
}

/** Shows the session of a notice's link. Mail scanners follow links, so GET changes nothing. */
export function showNotice(dependencies: NoticePageDependencies): Middleware {
  return async function show(ctx) {
    const token = new URLSearchParams(ctx.querystring).get('k') ?? ''
    const session = await sessionOf(dependencies, token)
    if (session === undefined) {
      showNothingToEnd(ctx)
      return
    }
    const { openedFrom } = await readSessionDetails(dependencies.store, session.id)
    const { device = '', network = '' } = openedFrom ?? {}
    ctx.type = 'html'
    ctx.body = noticePage(token, facts({ session, device, network, at: session.createdAt }))
  }
}

/** Ends the session of a notice's link. The token in the form is the proof: it needs no sign-in and no cookie. */
export function endFromNotice(dependencies: NoticePageDependencies): Middleware {
  return async function end(ctx) {
    const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const session = await sessionOf(dependencies, form.get('k') ?? '')
    if (session === undefined) {
      showNothingToEnd(ctx)
      return
    }
    const { name } = session.person
    // First: a code that was approved with it must not open the next session.
    await dependencies.personSessions.markRevocation(
      quiltUser({ registry: dependencies.registryUrl.origin, name }),
    )
    const entry = { name: 'SessionRevoked', by: 'user', reason: 'notice', ...aboutSession(session) } as const
    const { isAcknowledged, isReplicated } = await dependencies.ender.end(session.id, 'notice_link', entry)
    ctx.type = 'html'
    ctx.body = connectionEndedPage(isAcknowledged && isReplicated)
  }
}

async function sessionOf(
  { ring, sessions, now }: NoticePageDependencies,
  token: string,
): Promise<Session | undefined> {
  const id = readNoticeToken(ring, token, now())
  return id === undefined ? undefined : await sessions.find(id)
}

/** The same for a forged, an expired and a used link. */
function showNothingToEnd(ctx: Context): void {
  ctx.status = 404
  ctx.type = 'html'
  ctx.body = nothingToEndPage()
}
