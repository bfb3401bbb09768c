import { createHmac } from 'node:crypto'
import type { Context } from 'koa'
import { randomSecret } from '../../core/keys/hash.ts'
import { subkey, type KeyRing } from '../../core/keys/keys.ts'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import { keyOf } from '../../core/keys/sealing.ts'
import type { IdentityProvider, SignInRequest, SignInSecrets } from '../provider/identity-provider.ts'
import { seeOther } from '../http/see-other.ts'
import type { Browser } from '../store/browser-store.ts'
import type { Errand, VisitStore } from '../store/visit-store.ts'

export interface VisitParts {
  readonly ring: KeyRing
  readonly visits: VisitStore
}

/** One visit of a browser to the identity provider. */
export interface Visit {
  readonly state: string
  readonly browser: Browser
}

/** Sends the browser to the identity provider. */
export function visitIdentityProvider({ ring, visits }: VisitParts) {
  return async function beginVisit(
    ctx: Context,
    identityProvider: IdentityProvider,
    visit: { readonly browser: Browser; readonly errand: Errand; readonly asked: SignInRequest },
  ): Promise<void> {
    // The state names the key: a deployment may make another one current before the browser is back.
    const state = `${ring.current.id}.${randomSecret()}`
    const secrets = signInSecrets(ring, { state, browser: visit.browser })
    const url = await identityProvider.signInUrl(secrets, visit.asked)
    const choosesAccount = visit.asked.prompt === 'select_account'
    await visits.begin(state, { ...visit.errand, choosesAccount })
    seeOther(ctx, url.href)
  }
}

/**
 * Nonce and code verifier are made from the state and the browser's id under our key: they need no storing, and
 * a party that holds only the callback's URL cannot make them.
 *
 * @throws MissingKeyError
 */
export function signInSecrets(ring: KeyRing, { state, browser }: Visit): SignInSecrets {
  const key = keyOf(ring, state)
  if (key === undefined) throw new MissingKeyError(state.split('.')[0] ?? '')
  const derived = (name: string): string =>
    createHmac('sha256', subkey(ring, key, { purpose: `sign-in ${name}` }))
      .update(JSON.stringify([state, browser.id]))
      .digest('base64url')
  return { state, nonce: derived('nonce'), codeVerifier: derived('code verifier') }
}
