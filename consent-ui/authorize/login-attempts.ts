import { createHmac } from 'node:crypto'
import type { Context } from 'koa'
import { randomSecret } from '../../core/keys/hash.ts'
import { subkey, type KeyRing } from '../../core/keys/keys.ts'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import { keyOf } from '../../core/keys/sealing.ts'
import { seeOther } from '../http/see-other.ts'
import { ShownError } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'
import type { Reauthentication } from '../oauth/prompt.ts'
import type { IdentityProvider, SignInRequest, SignInSecrets } from '../provider/identity-provider.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import type { Browser } from '../store/browser-store.ts'
import type { LoginAttemptStore, LoginPurpose } from '../store/login-attempt-store.ts'
import type { TransactionStore } from '../store/transaction-store.ts'
import type { OpenTransaction } from './open-transaction.ts'

interface LoginAttemptsDependencies {
  readonly ring: KeyRing
  readonly attempts: LoginAttemptStore
  readonly transactions: TransactionStore
  readonly provider: CredentialProvider
}

/** More than a user with many tabs needs; Redis stores each attempt. */
const MAX_ATTEMPTS_OF_TRANSACTION = 20

/** Redirects browsers to the identity provider. */
export class LoginAttempts {
  readonly #dependencies: LoginAttemptsDependencies

  constructor(dependencies: LoginAttemptsDependencies) {
    this.#dependencies = dependencies
  }

  async beginAttempt(
    ctx: Context,
    identityProvider: IdentityProvider,
    attempt: { readonly browser: Browser; readonly purpose: LoginPurpose; readonly asked: SignInRequest },
  ): Promise<void> {
    const { ring, attempts } = this.#dependencies
    // The state names the key: a deployment may make another key current before the browser returns.
    const state = `${ring.current.id}.${randomSecret()}`
    const secrets = signInSecrets(ring, { state, browser: attempt.browser })
    const url = await identityProvider.signInUrl(secrets, attempt.asked)
    const choosesAccount = attempt.asked.prompt === 'select_account'
    await attempts.begin(state, { ...attempt.purpose, choosesAccount })
    seeOther(ctx, url.href)
  }

  /** @throws ShownError after too many attempts for one transaction */
  async beginForTransaction(
    ctx: Context,
    { id, browser, transaction }: OpenTransaction,
    { identityProvider, prompt }: { readonly identityProvider: IdentityProvider } & Reauthentication,
  ): Promise<void> {
    const { transactions, provider } = this.#dependencies
    if ((await transactions.countLoginAttempt(id)) > MAX_ATTEMPTS_OF_TRANSACTION) {
      throw new ShownError(en.errors.attempts, 429)
    }
    // A one-time code gives a token that the Registry renews.
    const needsRenewal = provider.source === 'exchange'
    const changes = prompt === undefined ? {} : { prompt }
    const asked = { ...transaction.reauthentication, ...changes, needsRenewal }
    await this.beginAttempt(ctx, identityProvider, { browser, purpose: { to: 'transaction', id }, asked })
  }
}

/**
 * Derives nonce and code verifier from the state and the browser's id under our key. They need no storage, and an
 * attacker who holds only the callback URL cannot compute them.
 *
 * @throws MissingKeyError
 */
export function signInSecrets(
  ring: KeyRing,
  { state, browser }: { readonly state: string; readonly browser: Browser },
): SignInSecrets {
  const key = keyOf(ring, state)
  if (key === undefined) throw new MissingKeyError(state.split('.')[0] ?? '')
  const derived = (name: string): string =>
    createHmac('sha256', subkey(ring, key, { purpose: `sign-in ${name}` }))
      .update(JSON.stringify([state, browser.id]))
      .digest('base64url')
  return { state, nonce: derived('nonce'), codeVerifier: derived('code verifier') }
}
