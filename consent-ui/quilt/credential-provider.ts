import type { CredentialSettings } from '../config/credential-settings.ts'
import {
  createIdentityProvider,
  type IdentityAssertion,
  type IdentityProvider,
} from '../provider/identity-provider.ts'
import { codeSource } from './code-source.ts'
import type { CredentialSource } from './credential-source.ts'
import { exchangeSource } from './exchange-source.ts'
import { createTokenExchange } from './token-exchange.ts'

/** How users sign in, and how their Quilt credentials are obtained and renewed. */
export type CredentialProvider =
  | {
      readonly source: 'exchange'
      readonly identityProvider: IdentityProvider
      readonly credentials: CredentialSource<IdentityAssertion>
    }
  | {
      readonly source: 'code'
      readonly identityProvider: IdentityProvider | undefined
      readonly credentials: CredentialSource<string>
    }

/** @param at - `callbackUrl` is `<origin>/connect/callback`; `now` gives seconds since 1970 */
export function createCredentialProvider(
  settings: CredentialSettings,
  at: { readonly registryUrl: URL; readonly callbackUrl: string; readonly now: () => number },
): CredentialProvider {
  if (settings.source === 'exchange') {
    const identityProvider = createIdentityProvider(settings.identityProvider, at.callbackUrl, at.now)
    const tokenExchange = createTokenExchange(settings.tokenExchange)
    return {
      source: 'exchange',
      identityProvider,
      credentials: exchangeSource(tokenExchange, identityProvider),
    }
  }
  const identityProvider =
    settings.identityProvider === undefined
      ? undefined
      : createIdentityProvider(settings.identityProvider, at.callbackUrl, at.now)
  return { source: 'code', identityProvider, credentials: codeSource(at.registryUrl) }
}
