import type { Context } from 'koa'
import { openTransaction } from '../browser/browser-cookie.ts'
import type { IdentityAssertion, IdentityProvider } from '../provider/identity-provider.ts'
import { SIGN_IN_SECONDS } from '../lifetimes.ts'
import type { Reauthentication } from '../oauth/prompt.ts'
import { APPS_PAGE } from '../http/paths.ts'
import { SignInRefused } from '../provider/sign-in-refused.ts'
import { seeOther } from '../http/see-other.ts'
import type { Errand } from '../store/visit-store.ts'
import { browserOf, signOutOthers, type BrowserParts } from '../browser/browser-at.ts'
import { refuseSignIn, type RefuseParts, type Return } from './refuse-sign-in.ts'
import { signInSecrets, type Visit } from './visit.ts'

export interface SignInParts extends RefuseParts, BrowserParts {
  /** `<origin>/connect/callback` */
  readonly callbackUrl: string
  readonly now: () => number
}

/** The identity provider's return: who is at the browser. It goes back to its page, which knows what is next. */
export function finishSignIn(parts: SignInParts, identityProvider: IdentityProvider) {
  const refused = refuseSignIn(parts, identityProvider)

  return async function identityProviderCallback(ctx: Context): Promise<void> {
    const query = ctx.querystring
    const state = new URLSearchParams(query).get('state') ?? ''
    const back = await returnOf(ctx, await parts.visits.find(state))
    const { page, browser, opened } = back
    // Loaded twice, or once more after the browser gave it up: the first one signs in, and the page knows.
    if (!(await parts.visits.markReturned(state))) {
      seeOther(ctx, page)
      return
    }
    const reauthentication = opened?.transaction.reauthentication
    // The visit is over: after our own trouble, the sign-in has to begin anew.
    ctx.url = page
    const signIn = await assertionOf(query, { state, browser, reauthentication }).catch(refusalOf)
    if (signIn instanceof SignInRefused) {
      await refused(ctx, back, signIn)
      return
    }
    await signOutOthers(parts, ctx, signIn)
    parts.cookies.write(ctx, await parts.browsers.signIn(browser, signIn))
    if (opened !== undefined && reauthentication !== undefined) {
      await parts.transactions.markReauthenticated(opened.id, opened.transaction)
    }
    seeOther(ctx, page)
  }

  /** @throws ShownError in any browser but the one that began the visit */
  async function returnOf(ctx: Context, errand: Errand | undefined): Promise<Return> {
    if (errand?.to === 'apps') {
      return { errand, page: APPS_PAGE, browser: await browserOf(parts, ctx, errand.browserId) }
    }
    const opened = await openTransaction(parts, ctx, errand?.id ?? '')
    const found = errand ?? { to: 'transaction', id: opened.id }
    return { errand: found, page: `/connect/authorize/${opened.id}`, browser: opened.browser, opened }
  }

  async function assertionOf(
    query: string,
    visit: Visit & { readonly reauthentication: Reauthentication | undefined },
  ): Promise<IdentityAssertion> {
    const now = parts.now()
    const callbackUrl = new URL(`${parts.callbackUrl}?${query}`)
    const secrets = { ...signInSecrets(parts.ring, visit), ...visit.reauthentication }
    const assertion = await identityProvider.finishSignIn(callbackUrl, secrets, now)
    return { ...assertion, expiresAt: Math.min(assertion.expiresAt, now + SIGN_IN_SECONDS) }
  }
}

function refusalOf(error: unknown): SignInRefused {
  if (error instanceof SignInRefused) return error
  throw error
}
