import type { Context } from 'koa'
import type { Audit } from '../../core/audit/audit-entry.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { knownBrowsers, preferred } from '../browser/browser-at.ts'
import { formToken, isFormToken, type FormBinding } from '../browser/form-token.ts'
import type { RateLimits } from '../limits/limits.ts'
import { ShownError } from '../oauth/errors.ts'
import { en } from '../pages/texts/en.ts'
import { SIGN_OUT_PAGE } from '../http/paths.ts'
import { readParameters } from '../oauth/parameters.ts'
import { signedOutPage, signOutPage, type SignedInView } from '../pages/sign-out-page.ts'
import type { AdminSessions } from '../sessions/admin-sessions.ts'
import type { Browser } from '../store/browser-store.ts'
import { appsForm, browserUser, type BrowserUser, type BrowserUserDependencies } from './browser-user.ts'

export interface SignOutDependencies extends BrowserUserDependencies {
  readonly ring: KeyRing
  readonly origin: string
  readonly limits: RateLimits
  readonly adminSessions: AdminSessions
  readonly audit: Audit
}

/** Asks before signing out: a link or an image on another site must not do it. */
export function askToSignOut(dependencies: SignOutDependencies) {
  const findUser = browserUser(dependencies)

  function viewOf(person: BrowserUser | undefined): SignedInView | undefined {
    if (person === undefined) return undefined
    return { email: person.person.email, csrfToken: formToken(dependencies.ring, appsForm(person)) }
  }

  return async function signOutQuestion(ctx: Context): Promise<void> {
    const known = await knownOrCounted(dependencies, ctx)
    const browser = known.find(({ recognised }) => recognised !== undefined) ?? preferred(known)
    const csrfToken = browser === undefined ? undefined : formToken(dependencies.ring, formOf(browser))
    ctx.type = 'html'
    ctx.body = csrfToken === undefined ? signedOutPage() : signOutPage(csrfToken, viewOf(await findUser(ctx)))
  }
}

export function signOut(dependencies: SignOutDependencies) {
  return async function signOutAnswer(ctx: Context): Promise<void> {
    const known = await knownOrCounted(dependencies, ctx)
    const form = readParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const token = form.get('csrf_token') ?? ''
    const isOurs = known.some((browser) => isFormToken(dependencies.ring, token, formOf(browser)))
    if (ctx.get('Origin') !== dependencies.origin || (known.length > 0 && !isOurs)) {
      throw new ShownError(en.errors.notSignedOut, {
        status: 403,
        link: { href: SIGN_OUT_PAGE, text: en.links.startAgain },
      })
    }
    const signedIn = known.find(({ recognised }) => recognised !== undefined)?.recognised
    for (const browser of known) {
      await dependencies.adminSessions.end(browser)
      await dependencies.browsers.forget(browser)
    }
    dependencies.cookies.dropAllBut(ctx, [])
    if (signedIn !== undefined) {
      dependencies.audit.record({ name: 'SignOut', by: 'user', person: { email: signedIn.email } })
    }
    ctx.type = 'html'
    ctx.body = signedOutPage()
  }
}

async function knownOrCounted(dependencies: SignOutDependencies, ctx: Context): Promise<Browser[]> {
  const known = await knownBrowsers(dependencies, ctx)
  if (known.length === 0) await dependencies.limits.takeUnknownUser(ctx)
  return known
}

function formOf({ id }: Browser): FormBinding {
  return { page: 'sign out', bound: [id] }
}
