import type { Context } from 'koa'
import { isStoreFull } from '../../core/store/redis.ts'
import { forgetSignIns } from '../browser/browser-at.ts'
import { isFormToken } from '../browser/form-token.ts'
import { ShownError } from '../oauth/errors.ts'
import { readParameters, type Parameters } from '../oauth/parameters.ts'
import { ANOTHER_ACCOUNT } from '../pages/another-account.ts'
import type { SafeHtml } from '../../core/http/html.ts'
import { APPS_PAGE, APPS_PAGE_ANOTHER_ACCOUNT } from '../http/paths.ts'
import type { CredentialSource } from '../quilt/credential-source.ts'
import type { CredentialWay } from '../quilt/credential-way.ts'
import { seeOther } from '../http/see-other.ts'
import type { Confirmation, SessionEnder } from '../sessions/session-ender.ts'
import type { ConsentStore } from '../store/consent-store.ts'
import { codeSignIn, type CodeSignInParts } from './code-sign-in.ts'
import { connectedSessions, type ConnectedSession } from './connected-sessions.ts'
import { narrowedNews, revokedNews, type Outcome } from './news.ts'
import { appsForm, personAt, type PersonAt, type PersonParts } from './person-at.ts'
import { appsView, type AppsViewParts } from './show-apps.ts'

export interface ChangeAppsParts extends AppsViewParts, PersonParts, CodeSignInParts {
  readonly ender: SessionEnder
  readonly consents: ConsentStore
  /** Milliseconds that never go backwards, as `performance.now()`. */
  readonly elapsedMs: () => number
}

/** What a person may ask for; `tag` names one of their sessions. */
type Wish =
  | { readonly to: 'revoke' | 'narrow'; readonly tag: string }
  | { readonly to: 'revoke_all' }
  | { readonly to: typeof ANOTHER_ACCOUNT }

/** Who has confirmed each change, and when the request came in, by `elapsedMs`. */
interface Confirmed {
  readonly confirmations: readonly Confirmation[]
  readonly begunMs: number
}

/** A person has pressed a button on the page of their connected applications. */
export function changeApps(parts: ChangeAppsParts) {
  const findPerson = personAt(parts)
  const { answer } = codeSignIn(parts)
  const sessionsOf = connectedSessions(parts)
  const view = appsView(parts)

  return async function changeConnectedApps(ctx: Context): Promise<void> {
    const begunMs = parts.elapsedMs()
    const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const person = await findPerson(ctx)
    if (person === undefined) await parts.limits.takeStranger(ctx)
    const codes = codesOf(parts.way)
    const isCode = form.get('decision') === 'code'
    if (person === undefined && codes !== undefined && isCode) {
      await answer(ctx, form, codes)
    } else if (person === undefined || isCode) {
      // The sign-in ran out while the page was open, somebody signed out in another tab, or a code came twice.
      seeOther(ctx, APPS_PAGE)
    } else await change(ctx, [form, person], begunMs)
  }

  async function change(
    ctx: Context,
    [form, person]: readonly [Parameters, PersonAt],
    begunMs: number,
  ): Promise<void> {
    const wish = readWish(ctx, form, person)
    if (wish.to === ANOTHER_ACCOUNT) {
      await forgetSignIns(parts, ctx)
      seeOther(ctx, APPS_PAGE_ANOTHER_ACCOUNT)
      return
    }
    // Before they are listed: what opens after that is not among them, and ends by this.
    const isTakenBack = await takeBack(person)
    const theirs = await sessionsOf(person.user)
    const chosen = wish.to === 'revoke_all' ? theirs : theirs.filter(({ tag }) => tag === wish.tag)
    await askAgain(person, chosen)
    const news = await (wish.to === 'narrow' ? narrow : revoke)(chosen, begunMs)
    // While the store was full, nothing opened either; what has ended may have made room for both.
    if (!isTakenBack) await takeBack(person)
    await view(ctx, person, news)
  }

  /**
   * Codes that were issued before open nothing from here on. A store that is full takes no such mark, and must not
   * keep a person from ending what they see.
   *
   * @returns false where the store is full
   */
  async function takeBack({ user }: PersonAt): Promise<boolean> {
    try {
      if (user !== undefined) await parts.personSessions.takeBack(user)
      return true
    } catch (error) {
      if (!isStoreFull(error)) throw error
      parts.log.warn('redis: memory is full, codes issued before are not taken back')
      return false
    }
  }

  /** Before anything ends: an answer from before must not bring back what is taken away now. */
  async function askAgain({ person }: PersonAt, chosen: readonly ConnectedSession[]): Promise<void> {
    await Promise.all(chosen.map(({ session }) => parts.consents.forget(person, session)))
  }

  /** @throws ShownError when it is not the form that this person was shown in this browser */
  function readWish(ctx: Context, form: Parameters, person: PersonAt): Wish {
    const isOurs = isFormToken(parts.ring, form.get('csrf_token') ?? '', appsForm(person))
    const wish = wishOf(form)
    if (ctx.get('Origin') === parts.origin && isOurs && wish !== undefined) return wish
    throw new ShownError(
      'This page has changed',
      'Somebody else has signed in since it was shown, or it was not answered here. Nothing was changed. Open your connected applications again.',
      403,
    )
  }

  async function revoke(chosen: readonly ConnectedSession[], begunMs: number): Promise<SafeHtml> {
    const confirmations = await Promise.all(chosen.map(({ session }) => parts.ender.end(session.id)))
    return revokedNews(outcomeOf('a person ended sessions', chosen, { confirmations, begunMs }))
  }

  async function narrow(chosen: readonly ConnectedSession[], begunMs: number): Promise<SafeHtml> {
    const results = await Promise.all(chosen.map(({ session }) => parts.ender.narrow(session.id)))
    const left = chosen.filter((_one, index) => results[index] !== 'gone')
    const confirmations = results.filter((result) => result !== 'gone')
    return narrowedNews(outcomeOf('a person narrowed sessions', left, { confirmations, begunMs }))
  }

  function outcomeOf(
    what: string,
    changed: readonly ConnectedSession[],
    { confirmations, begunMs }: Confirmed,
  ): Outcome {
    const names = changed.map(({ session }) => session.clientName)
    const outcome = {
      names,
      isAcknowledged: confirmations.every(({ isAcknowledged }) => isAcknowledged),
      isReplicated: confirmations.every(({ isReplicated }) => isReplicated),
      tookMs: parts.elapsedMs() - begunMs,
    }
    const person = changed[0]?.session.person.name
    if (person !== undefined) parts.log.info({ person, clients: names, ...acknowledged(outcome) }, what)
    return outcome
  }
}

/** Where the one-time code is the sign-in. */
function codesOf(way: CredentialWay): CredentialSource<string> | undefined {
  return way.source === 'code' && way.identityProvider === undefined ? way.credentials : undefined
}

function acknowledged({ isAcknowledged, isReplicated, tookMs }: Outcome) {
  return { acknowledged: isAcknowledged, replicated: isReplicated, tookMs: Math.round(tookMs) }
}

function wishOf(form: Parameters): Wish | undefined {
  const wishes = (['revoke', 'narrow', 'revoke_all', ANOTHER_ACCOUNT] as const).filter((name) =>
    form.has(name),
  )
  const [to] = wishes
  if (to === undefined || wishes.length > 1) return undefined
  return to === 'revoke' || to === 'narrow' ? { to, tag: form.get(to) ?? '' } : { to }
}
