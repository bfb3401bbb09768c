import type { Context } from 'koa'
import type { Audit } from '../../core/audit/audit-entry.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import { randomSecret } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { knownBrowsers, preferred } from '../browser/browser-at.ts'
import { formToken, isFormToken, type FormBinding } from '../browser/form-token.ts'
import type { RateLimits } from '../limits/limits.ts'
import { ShownError } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import { parseParameters, readParameters } from '../oauth/parameters.ts'
import { Unavailable } from '../oauth/errors.ts'
import { SIGN_OUT_PAGE } from '../http/paths.ts'
import {
  signedOutPage,
  signOutPage,
  type ProviderLogoutView,
  type SignedInView,
} from '../pages/sign-out-page.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { AdminSessions } from '../sessions/admin-sessions.ts'
import type { Browser } from '../store/browser-store.ts'
import { appsForm, browserUser, type BrowserUser, type BrowserUserDependencies } from './browser-user.ts'

export interface SignOutDependencies extends BrowserUserDependencies {
  readonly ring: KeyRing
  readonly origin: string
  readonly limits: RateLimits
  readonly adminSessions: AdminSessions
  readonly audit: Audit
  readonly log: Log
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
    ctx.body =
      csrfToken === undefined
        ? signedOutPage({ isSignedOutAtProvider: isReturn(dependencies, ctx) })
        : signOutPage(csrfToken, viewOf(await findUser(ctx)))
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
    for (const browser of known) {
      await dependencies.adminSessions.end(browser)
      await dependencies.browsers.forget(browser)
    }
    dependencies.cookies.dropAllBut(ctx, [])
    const signIn = preferred(known)?.signIn
    recordSignOut(signIn, known)
    ctx.type = 'html'
    ctx.body = signedOutPage({ provider: await providerLogout(dependencies, signIn?.idToken) })
  }

  function recordSignOut(signIn: SignedIn | undefined, known: readonly Browser[]): void {
    const person = signIn ?? known.find(({ recognised }) => recognised !== undefined)?.recognised
    if (person === undefined) return
    dependencies.audit.record({ name: 'SignOut', by: 'user', person: { email: person.email } })
  }
}

/** Names the form that signs the user out at the identity provider too, on whose return the page says so. */
const RETURN = 'signed out at the identity provider'

/**
 * RP-Initiated Logout 1.0 section 2. A form by GET: many providers accept no POST there, as their cookies do not come
 * with it. So the ID token is in a URL of the provider that issued it, and in none of ours.
 */
async function providerLogout(
  { provider, ring, origin, log }: SignOutDependencies,
  idToken: string | undefined,
): Promise<ProviderLogoutView | undefined> {
  if (provider.identityProvider === undefined) return undefined
  try {
    const { endSessionEndpoint: action, clientId } = await provider.identityProvider.metadata()
    if (action === undefined) return undefined
    const nonce = randomSecret()
    const fields = {
      ...(idToken === undefined ? {} : { id_token_hint: idToken }),
      client_id: clientId,
      post_logout_redirect_uri: origin + SIGN_OUT_PAGE,
      state: `${nonce}.${formToken(ring, { page: RETURN, bound: [nonce] })}`,
    }
    return { host: new URL(action).host, action, fields }
  } catch (error) {
    if (!(error instanceof Unavailable)) throw error
    log.warn({ error: describeError(error) }, 'sign-out: the identity provider does not answer')
    return undefined
  }
}

/** True if the identity provider sent the browser back with a `state` of ours. */
function isReturn({ ring }: SignOutDependencies, ctx: Context): boolean {
  const [nonce = '', token = ''] = (parseParameters(ctx.querystring).parameters.get('state') ?? '').split('.')
  return isFormToken(ring, token, { page: RETURN, bound: [nonce] })
}

async function knownOrCounted(dependencies: SignOutDependencies, ctx: Context): Promise<Browser[]> {
  const known = await knownBrowsers(dependencies, ctx)
  if (known.length === 0) await dependencies.limits.takeUnknownUser(ctx)
  return known
}

function formOf({ id }: Browser): FormBinding {
  return { page: 'sign out', bound: [id] }
}
