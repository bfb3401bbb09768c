import type { Context } from 'koa'
import { aboutSession } from '../audit/about-session.ts'
import { forgetSignIns } from '../browser/browser-at.ts'
import { isFormToken } from '../browser/form-token.ts'
import { ShownError } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import { readParameters, type Parameters } from '../oauth/parameters.ts'
import { ANOTHER_ACCOUNT } from '../pages/another-account.ts'
import type { OutcomeNotice } from '../pages/outcome-notice.ts'
import { APPS_PAGE, APPS_PAGE_ANOTHER_ACCOUNT } from '../http/paths.ts'
import type { CredentialSource } from '../quilt/credential-source.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import { seeOther } from '../http/see-other.ts'
import { inBatches } from '../sessions/in-batches.ts'
import type { Confirmation, SessionEnder } from '../sessions/session-ender.ts'
import type { ConsentStore } from '../store/consent-store.ts'
import { codeSignIn, type CodeSignInDependencies } from './code-sign-in.ts'
import { connectedSessions, type ConnectedSession } from './connected-sessions.ts'
import { downgradedNotice, revokedNotice, type Outcome } from './outcome.ts'
import { appsForm, browserUser, type BrowserUser, type BrowserUserDependencies } from './browser-user.ts'
import { appsView, type AppsViewDependencies } from './show-apps.ts'

export interface ChangeAppsDependencies
  extends AppsViewDependencies, BrowserUserDependencies, CodeSignInDependencies {
  readonly ender: SessionEnder
  readonly consents: ConsentStore
  /** Monotonic milliseconds, as `performance.now()`. */
  readonly elapsedMs: () => number
}

type RequestedAction =
  | { readonly to: 'revoke' | 'narrow'; readonly tag: string }
  | { readonly to: 'revoke_all' }
  | { readonly to: typeof ANOTHER_ACCOUNT }

interface Confirmed {
  readonly confirmations: readonly Confirmation[]
  readonly begunMs: number
}

export function changeApps(dependencies: ChangeAppsDependencies) {
  const findUser = browserUser(dependencies)
  const { answer } = codeSignIn(dependencies)
  const sessionsOf = connectedSessions(dependencies)
  const view = appsView(dependencies)

  return async function changeConnectedApps(ctx: Context): Promise<void> {
    const begunMs = dependencies.elapsedMs()
    const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const person = await findUser(ctx)
    if (person === undefined) await dependencies.limits.takeUnknownUser(ctx)
    const codes = codesOf(dependencies.provider)
    const isCode = form.get('decision') === 'code'
    if (person === undefined && codes !== undefined && isCode) {
      await answer(ctx, form, codes)
    } else if (person === undefined || isCode) {
      // The sign-in expired, the user signed out in another tab, or a code was sent twice.
      seeOther(ctx, APPS_PAGE)
    } else await change(ctx, [form, person], begunMs)
  }

  async function change(
    ctx: Context,
    [form, person]: readonly [Parameters, BrowserUser],
    begunMs: number,
  ): Promise<void> {
    const action = readAction(ctx, form, person)
    if (action.to === ANOTHER_ACCOUNT) {
      await forgetSignIns(dependencies, ctx)
      seeOther(ctx, APPS_PAGE_ANOTHER_ACCOUNT)
      return
    }
    // Before listing the sessions: a code redeemed later opens none that the list lacks.
    if (person.user !== undefined) await dependencies.personSessions.markRevocation(person.user)
    const theirs = await sessionsOf(person.user)
    const chosen = action.to === 'revoke_all' ? theirs : theirs.filter(({ tag }) => tag === action.tag)
    await forgetConsents(person, chosen)
    const notice = await (action.to === 'narrow' ? downgrade : revoke)(chosen, begunMs)
    await view(ctx, person, notice)
  }

  /** Runs before sessions end, so that a remembered consent cannot reopen one. */
  async function forgetConsents({ person }: BrowserUser, chosen: readonly ConnectedSession[]): Promise<void> {
    await Promise.all(chosen.map(({ session }) => dependencies.consents.forget(person, session)))
  }

  /** @throws ShownError if this user was not shown this form in this browser */
  function readAction(ctx: Context, form: Parameters, person: BrowserUser): RequestedAction {
    const isOurs = isFormToken(dependencies.ring, form.get('csrf_token') ?? '', appsForm(person))
    const action = actionOf(form)
    if (ctx.get('Origin') === dependencies.origin && isOurs && action !== undefined) return action
    throw new ShownError(en.errors.appsChanged, {
      status: 403,
      link: { href: APPS_PAGE, text: en.links.startAgain },
    })
  }

  async function revoke(chosen: readonly ConnectedSession[], begunMs: number): Promise<OutcomeNotice> {
    const confirmations = await inBatches(chosen, ({ session }) => {
      const entry = { name: 'SessionRevoked', by: 'user', ...aboutSession(session) } as const
      return dependencies.ender.end(session.id, 'user_revoked', entry)
    })
    return revokedNotice(outcomeOf('apps: user revoked sessions', chosen, { confirmations, begunMs }))
  }

  async function downgrade(chosen: readonly ConnectedSession[], begunMs: number): Promise<OutcomeNotice> {
    const results = await inBatches(chosen, ({ session }) => {
      const entry = { name: 'SessionDowngraded', by: 'user', ...aboutSession(session) } as const
      return dependencies.ender.downgrade(session.id, entry)
    })
    const left = chosen.filter((_one, index) => results[index] !== 'gone')
    const confirmations = results.filter((result) => result !== 'gone')
    return downgradedNotice(
      outcomeOf('apps: user downgraded sessions to read-only', left, { confirmations, begunMs }),
    )
  }

  function outcomeOf(
    event: string,
    changed: readonly ConnectedSession[],
    { confirmations, begunMs }: Confirmed,
  ): Outcome {
    const names = changed.map(({ session }) => session.clientName)
    const outcome = {
      names,
      isAcknowledged: confirmations.every(({ isAcknowledged }) => isAcknowledged),
      isReplicated: confirmations.every(({ isReplicated }) => isReplicated),
      tookMs: dependencies.elapsedMs() - begunMs,
    }
    const person = changed[0]?.session.person.name
    if (person !== undefined)
      dependencies.log.info({ person, clients: names, ...acknowledged(outcome) }, event)
    return outcome
  }
}

function codesOf(provider: CredentialProvider): CredentialSource<string> | undefined {
  return provider.source === 'code' && provider.identityProvider === undefined
    ? provider.credentials
    : undefined
}

function acknowledged({ isAcknowledged, isReplicated, tookMs }: Outcome) {
  return { acknowledged: isAcknowledged, replicated: isReplicated, tookMs: Math.round(tookMs) }
}

function actionOf(form: Parameters): RequestedAction | undefined {
  const actions = (['revoke', 'narrow', 'revoke_all', ANOTHER_ACCOUNT] as const).filter((name) =>
    form.has(name),
  )
  const [to] = actions
  if (to === undefined || actions.length > 1) return undefined
  return to === 'revoke' || to === 'narrow' ? { to, tag: form.get(to) ?? '' } : { to }
}
