import { createHmac } from 'node:crypto'
import type { Context } from 'koa'
import { randomSecret } from '../../core/hash.ts'
import { subkey, type KeyRing } from '../../core/keys.ts'
import type { Log } from '../../core/log.ts'
import { keyOf } from '../../core/sealing.ts'
import { openTransaction, type BrowserCookies, type OpenTransaction } from '../browser-cookie.ts'
import {
  SignInRefused,
  type IdentityAssertion,
  type IdentityProvider,
  type SignInSecrets,
} from '../identity-provider.ts'
import { SIGN_IN_SECONDS } from '../lifetimes.ts'
import { ShownError } from '../oauth/errors.ts'
import type { Reauthentication } from '../oauth/prompt.ts'
import { seeOther } from '../see-other.ts'
import type { Browser, BrowserStore } from '../store/browser-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import { signOutOthers } from './browser-at.ts'

export interface SignInParts {
  readonly ring: KeyRing
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

/** Sends the browser to the identity provider. */
export function startSignIn(parts: SignInParts) {
  return async function toIdentityProvider(
    ctx: Context,
    { id, browser, transaction }: OpenTransaction,
    identityProvider: IdentityProvider,
  ): Promise<void> {
    // The state names the key: a deployment may make another one current before the browser is back.
    const state = `${parts.ring.current.id}.${randomSecret()}`
    const url = await identityProvider.signInUrl(
      secretsOf(parts.ring, { state, browser }),
      transaction.reauthentication,
    )
    await parts.transactions.beginSignIn(state, id)
    seeOther(ctx, url.href)
  }
}

/** The identity provider's return: who is at the browser. It goes back to the transaction, which knows what is next. */
export function finishSignIn(parts: SignInParts, identityProvider: IdentityProvider) {
  return async function identityProviderCallback(ctx: Context): Promise<void> {
    const query = ctx.querystring
    const state = new URLSearchParams(query).get('state') ?? ''
    const id = (await parts.transactions.finishSignIn(state)) ?? ''
    const { browser, transaction } = await openTransaction(parts, ctx, id)
    const { reauthentication } = transaction
    // The state is used up: whoever tries again after our own trouble has to begin the sign-in anew.
    ctx.url = `/connect/authorize/${id}`
    const signIn = await assertionOf(query, { state, browser, reauthentication }).catch((error: unknown) =>
      refused(parts.log, error),
    )
    await signOutOthers(parts, ctx, signIn)
    parts.cookies.write(ctx, await parts.browsers.signIn(browser, signIn))
    if (reauthentication !== undefined) await parts.transactions.markReauthenticated(id, transaction)
    seeOther(ctx, ctx.url)
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
  if (key === undefined) throw new SignInRefused('the key with which it began is gone')
  const derived = (name: string): string =>
    createHmac('sha256', subkey(ring, key, { purpose: `sign-in ${name}` }))
      .update(JSON.stringify([state, browser.id]))
      .digest('base64url')
  return { state, nonce: derived('nonce'), codeVerifier: derived('code verifier') }
}

function refused(log: Log, error: unknown): never {
  if (!(error instanceof SignInRefused)) throw error
  log.warn({ reason: error.reason }, 'the identity provider refused a sign-in')
  throw new ShownError(
    'Sign-in did not succeed',
    'Your identity provider did not sign you in. Go back to the application and connect again.',
    403,
  )
}
