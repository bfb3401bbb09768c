import { createHmac } from 'node:crypto'
import type { Context } from 'koa'
import { randomSecret } from '../../core/hash.ts'
import { subkey, type KeyRing } from '../../core/keys.ts'
import type { Log } from '../../core/log.ts'
import { MissingKeyError } from '../../core/missing-key-error.ts'
import { keyOf } from '../../core/sealing.ts'
import { openTransaction, type BrowserCookies, type OpenTransaction } from '../browser-cookie.ts'
import type {
  IdentityAssertion,
  IdentityProvider,
  SignInRequest,
  SignInSecrets,
} from '../identity-provider.ts'
import { SIGN_IN_SECONDS } from '../lifetimes.ts'
import { APPS_PAGE } from '../paths.ts'
import { ShownError } from '../oauth/errors.ts'
import type { Reauthentication } from '../oauth/prompt.ts'
import { SignInRefused } from '../provider/sign-in-refused.ts'
import { seeOther } from '../see-other.ts'
import type { Browser, BrowserStore } from '../store/browser-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import type { Errand, VisitStore } from '../store/visit-store.ts'
import { browserOf, signOutOthers } from './browser-at.ts'
import type { StepParts } from './next-step.ts'

export interface VisitParts {
  readonly ring: KeyRing
  readonly visits: VisitStore
}

export interface SignInParts extends VisitParts {
  readonly cookies: BrowserCookies
  readonly browsers: BrowserStore
  readonly transactions: TransactionStore
  /** `<origin>/connect/callback` */
  readonly callbackUrl: string
  readonly log: Log
  readonly now: () => number
}

/** One visit of a browser to the identity provider. */
interface Visit {
  readonly state: string
  readonly browser: Browser
}

/** Where a visit ends: the page that the browser goes back to, and for whom. */
interface Return {
  readonly page: string
  readonly browser: Browser
  readonly opened?: OpenTransaction
}

/** Sends the browser to the identity provider. */
export function visitIdentityProvider({ ring, visits }: VisitParts) {
  return async function beginVisit(
    ctx: Context,
    identityProvider: IdentityProvider,
    visit: {
      readonly browser: Browser
      readonly errand: Errand
      readonly asked: SignInRequest
    },
  ): Promise<void> {
    // The state names the key: a deployment may make another one current before the browser is back.
    const state = `${ring.current.id}.${randomSecret()}`
    const secrets = secretsOf(ring, { state, browser: visit.browser })
    const url = await identityProvider.signInUrl(secrets, visit.asked)
    await visits.begin(state, visit.errand)
    seeOther(ctx, url.href)
  }
}

/** More tabs and attempts nobody has; each visit is kept in the store, and a loaded page is no counted request. */
const MOST_VISITS_OF_TRANSACTION = 20

/** The person of a transaction signs in. */
export function startSignIn(parts: VisitParts & Pick<SignInParts, 'transactions'> & Pick<StepParts, 'way'>) {
  const visit = visitIdentityProvider(parts)
  // A one-time code gives a token that the Registry renews.
  const needsRenewal = parts.way.source === 'exchange'
  return async function toIdentityProvider(
    ctx: Context,
    { id, browser, transaction }: OpenTransaction,
    identityProvider: IdentityProvider,
  ): Promise<void> {
    if ((await parts.transactions.countVisit(id)) > MOST_VISITS_OF_TRANSACTION) {
      throw new ShownError('Too many sign-ins', 'Go back to the application and connect again.', 429)
    }
    const errand = { to: 'transaction', id } as const
    const asked = { ...transaction.reauthentication, needsRenewal }
    await visit(ctx, identityProvider, { browser, errand, asked })
  }
}

/** The identity provider's return: who is at the browser. It goes back to its page, which knows what is next. */
export function finishSignIn(parts: SignInParts, identityProvider: IdentityProvider) {
  return async function identityProviderCallback(ctx: Context): Promise<void> {
    const query = ctx.querystring
    const state = new URLSearchParams(query).get('state') ?? ''
    const { page, browser, opened } = await returnOf(ctx, await parts.visits.finish(state))
    const reauthentication = opened?.transaction.reauthentication
    // The state is used up: whoever tries again after our own trouble has to begin the sign-in anew.
    ctx.url = page
    const signIn = await assertionOf(query, { state, browser, reauthentication }).catch((error: unknown) =>
      refused(parts.log, error),
    )
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
      return { page: APPS_PAGE, browser: await browserOf(parts, ctx, errand.browserId) }
    }
    const opened = await openTransaction(parts, ctx, errand?.id ?? '')
    return { page: `/connect/authorize/${opened.id}`, browser: opened.browser, opened }
  }

  async function assertionOf(
    query: string,
    visit: Visit & { readonly reauthentication: Reauthentication | undefined },
  ): Promise<IdentityAssertion> {
    const now = parts.now()
    const callbackUrl = new URL(`${parts.callbackUrl}?${query}`)
    const secrets = { ...secretsOf(parts.ring, visit), ...visit.reauthentication }
    const assertion = await identityProvider.finishSignIn(callbackUrl, secrets, now)
    return { ...assertion, expiresAt: Math.min(assertion.expiresAt, now + SIGN_IN_SECONDS) }
  }
}

/**
 * Nonce and code verifier are made from the state and the browser's id under our key: they need no storing, and
 * nobody who holds the callback's URL alone can make them.
 */
function secretsOf(ring: KeyRing, { state, browser }: Visit): SignInSecrets {
  const key = keyOf(ring, state)
  if (key === undefined) throw new MissingKeyError(state.split('.')[0] ?? '')
  const derived = (name: string): string =>
    createHmac('sha256', subkey(ring, key, { purpose: `sign-in ${name}` }))
      .update(JSON.stringify([state, browser.id]))
      .digest('base64url')
  return { state, nonce: derived('nonce'), codeVerifier: derived('code verifier') }
}

function refused(log: Log, error: unknown): never {
  if (!(error instanceof SignInRefused)) throw error
  log.warn({ reason: error.reason }, 'identity provider: sign-in refused')
  throw new ShownError(
    'Sign-in did not succeed',
    'Your identity provider did not sign you in. Go back to where you came from, and begin again.',
    403,
  )
}
