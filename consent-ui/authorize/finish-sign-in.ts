import type { Context, Middleware } from 'koa'
import type { KeyRing } from '../../core/keys/keys.ts'
import { browserOf, signOutOthers } from '../browser/browser-at.ts'
import { ADMIN_PAGE, APPS_PAGE } from '../http/paths.ts'
import { seeOther } from '../http/see-other.ts'
import { SIGN_IN_SECONDS } from '../lifetimes.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'
import { Unavailable } from '../oauth/errors.ts'
import type { Reauthentication } from '../oauth/prompt.ts'
import type { IdentityAssertion, IdentityProvider } from '../provider/identity-provider.ts'
import { SignInRefused } from '../provider/sign-in-refused.ts'
import type { Browser } from '../store/browser-store.ts'
import type { LoginAttemptStore, LoginPurpose } from '../store/login-attempt-store.ts'
import type { ProviderSessions } from '../store/provider-sessions.ts'
import { signInSecrets } from './login-attempts.ts'
import { openTransaction, transactionPage, type TransactionFinder } from './open-transaction.ts'
import { refuseSignIn, type LoginReturn, type RefuseSignInDependencies } from './refuse-sign-in.ts'

interface FinishSignInDependencies extends RefuseSignInDependencies, TransactionFinder {
  readonly ring: KeyRing
  readonly attempts: LoginAttemptStore
  readonly providerSessions: ProviderSessions
  /** How long a `sid` is kept, for a logout that names only it. */
  readonly providerSessionSeconds: number
  /** `<origin>/connect/callback` */
  readonly callbackUrl: string
  readonly metrics: ConsentUiMetrics
  readonly now: () => number
}

/** GET /connect/callback: signs the user in when the identity provider redirects the browser back. */
export function finishSignIn(
  dependencies: FinishSignInDependencies,
  identityProvider: IdentityProvider,
): Middleware {
  const { ring, attempts, transactions, browsers, cookies, metrics } = dependencies
  const { providerSessions, providerSessionSeconds } = dependencies

  return async (ctx) => {
    const query = ctx.querystring
    const state = new URLSearchParams(query).get('state') ?? ''
    const loginReturn = await readReturn(ctx, await attempts.findPurpose(state))
    const { page, browser, opened } = loginReturn
    // A reload, or a second request after the browser gave up the first: only the first one signs in.
    if (!(await attempts.markReturned(state))) {
      seeOther(ctx, page)
      return
    }
    const reauthentication = opened?.transaction.reauthentication
    // The attempt is over: after an error here, the user signs in anew from this page.
    ctx.url = page
    const signIn = await assertionOf(query, { state, browser, reauthentication }).catch(refusalOf)
    if (signIn instanceof SignInRefused) {
      metrics.signIn(signIn.refusal)
      await refuseSignIn({ ...dependencies, identityProvider }, ctx, { ...loginReturn, refused: signIn })
      return
    }
    metrics.signIn('signed_in')
    await signOutOthers(dependencies, ctx, signIn)
    await providerSessions.remember(signIn, providerSessionSeconds)
    cookies.write(ctx, await browsers.signIn(browser, signIn))
    const { issuer, email } = signIn
    dependencies.audit.record({ name: 'SignIn', by: 'user', person: { email }, details: { issuer } })
    if (opened !== undefined && reauthentication !== undefined) {
      await transactions.markReauthenticated(opened.id, opened.transaction)
    }
    seeOther(ctx, page)
  }

  /** @throws ShownError in any browser but the one that began the attempt */
  async function readReturn(ctx: Context, purpose: LoginPurpose | undefined): Promise<LoginReturn> {
    if (purpose !== undefined && purpose.to !== 'transaction') {
      const page = purpose.to === 'apps' ? APPS_PAGE : ADMIN_PAGE
      return { purpose, page, browser: await browserOf(dependencies, ctx, purpose.browserId) }
    }
    const opened = await openTransaction(dependencies, ctx, purpose?.id ?? '')
    const found = purpose ?? { to: 'transaction', id: opened.id }
    return { purpose: found, page: transactionPage(opened.id), browser: opened.browser, opened }
  }

  async function assertionOf(
    query: string,
    attempt: {
      readonly state: string
      readonly browser: Browser
      readonly reauthentication: Reauthentication | undefined
    },
  ): Promise<IdentityAssertion> {
    const now = dependencies.now()
    const callbackUrl = new URL(`${dependencies.callbackUrl}?${query}`)
    const secrets = { ...signInSecrets(ring, attempt), ...attempt.reauthentication }
    const assertion = await identityProvider.finishSignIn(callbackUrl, secrets, now)
    // Otherwise the page would send the browser to the provider again, and so on.
    if (await providerSessions.isLoggedOut(assertion)) {
      throw new SignInRefused('a logout of this session or subject came first', 'signed_out')
    }
    return { ...assertion, expiresAt: Math.min(assertion.expiresAt, now + SIGN_IN_SECONDS) }
  }

  function refusalOf(error: unknown): SignInRefused {
    if (error instanceof SignInRefused) return error
    if (error instanceof Unavailable) metrics.signIn('unavailable')
    throw error
  }
}
