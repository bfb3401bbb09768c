import type { Context } from 'koa'
import { isBlockedSession, type BlockedClients } from '../../core/clients/blocked-clients.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { accessAt } from '../../core/services/granted-access.ts'
import { audienceOf, type Service } from '../../core/services/service.ts'
import { accessOf, type Session } from '../../core/sessions/session.ts'
import { placeOf } from '../oauth/destination.ts'
import { isCheckRedirect } from '../check/connection-check.ts'
import { leadsToWebsite } from '../consent/skip-consent.ts'
import type { EndedSessions } from '../store/ended-sessions.ts'
import { beginIn } from '../browser/browser-at.ts'
import type { LoginAttempts } from '../authorize/login-attempts.ts'
import { formToken } from '../browser/form-token.ts'
import type { IdentityProvider } from '../provider/identity-provider.ts'
import { appsPage, type AppView } from '../pages/apps-page.ts'
import type { OutcomeNotice } from '../pages/outcome-notice.ts'
import type { SessionView } from '../pages/connection.ts'
import { en } from '../pages/texts/en/en.ts'
import type { SessionLifetimes } from '../config/session-lifetimes.ts'
import { codeSignIn, type CodeSignInDependencies } from './code-sign-in.ts'
import { connectedSessions, type ConnectedDependencies, type ConnectedSession } from './connected-sessions.ts'
import { appsForm, browserUser, type BrowserUser, type BrowserUserDependencies } from './browser-user.ts'

export interface AppsViewDependencies extends ConnectedDependencies {
  readonly ring: KeyRing
  readonly origin: string
  readonly services: readonly Service[]
  readonly lifetimes: SessionLifetimes
  readonly endedSessions: EndedSessions
  readonly controls: { readonly blocked: BlockedClients }
}

export interface ShowAppsDependencies
  extends AppsViewDependencies, BrowserUserDependencies, CodeSignInDependencies {
  readonly loginAttempts: LoginAttempts
}

export function showApps(dependencies: ShowAppsDependencies) {
  const findUser = browserUser(dependencies)
  const { ask } = codeSignIn(dependencies)
  const view = appsView(dependencies)

  return async function connectedApps(ctx: Context): Promise<void> {
    const person = await findUser(ctx)
    if (person !== undefined) await view(ctx, person)
    else await signIn(ctx)
  }

  async function signIn(ctx: Context): Promise<void> {
    await dependencies.limits.takeUnknownUser(ctx)
    await dependencies.limits.beginTransaction()
    const { identityProvider } = dependencies.provider
    if (identityProvider === undefined) await ask(ctx)
    else await beginAttempt(ctx, identityProvider)
  }

  async function beginAttempt(ctx: Context, identityProvider: IdentityProvider): Promise<void> {
    const browser = await beginIn(dependencies, ctx)
    const purpose = { to: 'apps', browserId: browser.id } as const
    const choosesAccount = new URLSearchParams(ctx.querystring).get('account') === 'another'
    const asked = choosesAccount ? ({ prompt: 'select_account' } as const) : {}
    await dependencies.loginAttempts.beginAttempt(ctx, identityProvider, { browser, purpose, asked })
  }
}

export function appsView(dependencies: AppsViewDependencies) {
  const sessionsOf = connectedSessions(dependencies)

  return async function appsPageOf(ctx: Context, person: BrowserUser, notice?: OutcomeNotice): Promise<void> {
    const [connected, ended] = await Promise.all([
      sessionsOf(person.user),
      dependencies.endedSessions.of(person.user),
    ])
    ctx.type = 'html'
    ctx.body = appsPage({
      csrfToken: formToken(dependencies.ring, appsForm(person)),
      email: person.person.email,
      apps: grouped(connected),
      // A session whose last use was not noted is still open.
      ended: ended
        .filter(({ tag }) => !connected.some((one) => one.tag === tag))
        .map((one) => ({ ...one, service: one.resource === undefined ? undefined : titleOf(one.resource) })),
      idleSeconds: dependencies.lifetimes.idleSeconds,
      notice,
    })
  }

  /** Groups sessions by application, and within it by the device on which they were approved. */
  function grouped(connected: readonly ConnectedSession[]): AppView[] {
    const apps = Map.groupBy(connected, ({ session, openedFrom }) =>
      JSON.stringify([
        session.clientName,
        placeOfSession(session),
        session.resource,
        openedFrom?.knownBy,
        isBlocked(session),
      ]),
    )
    return [...apps.values()].flatMap(([first, ...others]) =>
      first === undefined ? [] : [appOf([first, ...others])],
    )
  }

  function isBlocked(session: Session): boolean {
    const { controls, ring } = dependencies
    return isBlockedSession(session, { blocked: controls.blocked, ring })
  }

  function appOf(connected: readonly [ConnectedSession, ...ConnectedSession[]]): AppView {
    const { resource } = connected[0].session
    const service = serviceAt(resource)
    const devices = Map.groupBy(connected, (one) => JSON.stringify(placeOfApproval(one)))
    return {
      ...clientOf(connected[0]),
      isBlocked: isBlocked(connected[0].session),
      service: titleOf(resource),
      devices: [...devices.values()].map((ones) => ({
        ...placeOfApproval(ones[0]),
        sessions: ones.map((one) => sessionOf(one, service)),
      })),
    }
  }

  function serviceAt(resource: string): Service | undefined {
    return dependencies.services.find((candidate) => audienceOf(dependencies.origin, candidate) === resource)
  }

  /** Its resource for a service that is no longer configured: its sessions can still be ended. */
  function titleOf(resource: string): string {
    return serviceAt(resource)?.title ?? resource
  }

  /** Connect's own check has our name: any client may use its redirect URI, under any name. */
  function clientOf({
    session,
    openedFrom,
  }: ConnectedSession): Pick<AppView, 'name' | 'vouching' | 'destination'> {
    const { clientName, clientId, redirectUri } = session
    const isOwn = isCheck(session)
    const isWebsite = isOwn || (redirectUri !== undefined && leadsToWebsite(redirectUri))
    const host = URL.parse(clientId)?.host ?? ''
    return {
      name: isOwn ? en.check.title : clientName,
      vouching: openedFrom && { knownBy: isOwn ? 'connect' : openedFrom.knownBy, host, isWebsite },
      destination:
        redirectUri === undefined
          ? undefined
          : { isOnThisComputer: !isWebsite, place: placeOf(new URL(redirectUri)) },
    }
  }

  function isCheck({ redirectUri }: Session): boolean {
    return redirectUri !== undefined && isCheckRedirect(dependencies.origin, redirectUri)
  }

  function offersFull(session: Session, service: Service | undefined): boolean {
    return service?.grants.includes('full') === true && !isCheck(session) && !isBlocked(session)
  }

  function sessionOf(
    { tag, session, renewedAt, contestedAt, use }: ConnectedSession,
    service: Service | undefined,
  ): SessionView {
    const { createdAt, expiresAt, approvedBy } = session
    const isManaged = approvedBy === 'identity_provider'
    const granted = accessOf(session)
    const access = service === undefined ? granted : accessAt(service, granted)
    // A refresh shows use too; authz may not have reported it.
    const usedAt = Math.max(use?.at ?? 0, renewedAt ?? 0)
    return {
      tag,
      access,
      createdAt,
      expiresAt,
      isManaged,
      contestedAt,
      usedAt: usedAt > 0 ? usedAt : undefined,
      tools: use?.tools ?? [],
      offersFull: offersFull(session, service),
    }
  }
}

function placeOfApproval(one: ConnectedSession | undefined) {
  return { device: one?.openedFrom?.device ?? '', network: one?.openedFrom?.network ?? '' }
}

function placeOfSession({ redirectUri }: Session): string | undefined {
  return redirectUri === undefined ? undefined : placeOf(new URL(redirectUri))
}
