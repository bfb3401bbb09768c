import { createHmac } from 'node:crypto'
import type { Context } from 'koa'
import { randomSecret } from '../../core/hash.ts'
import { subkey, type KeyRing } from '../../core/keys.ts'
import type { Log } from '../../core/log.ts'
import { openTransaction, type BrowserCookie, type OpenTransaction } from '../browser-cookie.ts'
import { SignInRefused, type IdentityProvider, type SignInSecrets } from '../identity-provider.ts'
import { ShownError } from '../oauth/errors.ts'
import type { Browser, BrowserStore } from '../store/browser-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'

export interface SignInParts {
  readonly ring: KeyRing
  readonly cookie: BrowserCookie
  readonly browsers: BrowserStore
  readonly transactions: TransactionStore
  readonly identityProvider: IdentityProvider
  /** `<origin>/connect/callback` */
  readonly callbackUrl: string
  readonly log: Log
}

/** Sends the browser to the identity provider. */
export function startSignIn(parts: SignInParts) {
  return async function toIdentityProvider(ctx: Context, { id, browser }: OpenTransaction): Promise<void> {
    const state = randomSecret()
    const url = await parts.identityProvider.signInUrl(secretsOf(parts.ring, state, browser))
    await parts.transactions.beginSignIn(state, id)
    ctx.status = 303
    ctx.redirect(url.href)
  }
}

/** The identity provider's return: who is at the browser. It goes back to the transaction, which knows what is next. */
export function finishSignIn(parts: SignInParts) {
  return async function identityProviderCallback(ctx: Context): Promise<void> {
    const state = new URLSearchParams(ctx.querystring).get('state') ?? ''
    const transactionId = (await parts.transactions.finishSignIn(state)) ?? ''
    const { browser } = await openTransaction(parts, transactionId, parts.cookie.read(ctx))
    const secrets = secretsOf(parts.ring, state, browser)
    const signIn = await parts.identityProvider
      .finishSignIn(new URL(`${parts.callbackUrl}?${ctx.querystring}`), secrets)
      .catch((error: unknown) => refused(parts.log, error))
    parts.cookie.write(ctx, await parts.browsers.signIn(browser, signIn))
    ctx.status = 303
    ctx.redirect(`/connect/authorize/${transactionId}`)
  }
}

/**
 * Nonce and code verifier are made from the state and the browser's id under our key: they need no storing, and
 * nobody who holds the callback's URL alone can make them.
 */
function secretsOf(ring: KeyRing, state: string, browser: Browser): SignInSecrets {
  const derived = (name: string): string =>
    createHmac('sha256', subkey(ring, ring.current, { purpose: `sign-in ${name}` }))
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
