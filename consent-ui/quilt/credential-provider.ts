import type { RequestObserver } from '../../core/metrics/outgoing-requests.ts'
import type { CredentialSettings } from '../config/credential-settings.ts'
import {
  createIdentityProvider,
  type IdentityProvider,
  type IdentityProviderSettings,
} from '../provider/identity-provider.ts'
import { observedProvider } from '../provider/observed-provider.ts'
import { codeSource } from './code-source.ts'
import type { MintedTokens } from '../store/minted-tokens.ts'
import type { CredentialSource, ObtainedCredential } from './credential-source.ts'
import { exchangeSource, type ExchangeSource } from './exchange-source.ts'
import { createTokenExchange } from './token-exchange.ts'

/** How users sign in, and how their Quilt credentials are obtained and renewed. */
export type CredentialProvider =
  | {
      readonly source: 'exchange'
      readonly identityProvider: IdentityProvider
      readonly credentials: ExchangeSource
    }
  | {
      readonly source: 'code'
      readonly identityProvider: IdentityProvider | undefined
      readonly credentials: CredentialSource<string>
    }

export interface CredentialProviderContext {
  readonly registryUrl: URL
  /** `<origin>/connect/callback` */
  readonly callbackUrl: string
  /** Where Quilt tokens that were obtained are noted, if the catalog hands users over. */
  readonly minted?: Pick<MintedTokens, 'add'>
  /** Seconds since 1970. */
  readonly now: () => number
  readonly observers: { readonly identityProvider: RequestObserver; readonly registry: RequestObserver }
}

export function createCredentialProvider(
  settings: CredentialSettings,
  { registryUrl, callbackUrl, now, observers, minted }: CredentialProviderContext,
): CredentialProvider {
  const connect = (at: IdentityProviderSettings): IdentityProvider =>
    observedProvider(createIdentityProvider(at, callbackUrl, now), observers.identityProvider)

  if (settings.source === 'exchange') {
    const identityProvider = connect(settings.identityProvider)
    const tokenExchange = createTokenExchange(settings.tokenExchange, observers.registry)
    const credentials = exchangeSource(tokenExchange, identityProvider)
    return { source: 'exchange', identityProvider, credentials }
  }
  return {
    source: 'code',
    identityProvider:
      settings.identityProvider === undefined ? undefined : connect(settings.identityProvider),
    credentials: noting(codeSource(registryUrl, observers.registry), minted),
  }
}

/** The same source, which notes each token before it is used. */
function noting(
  source: CredentialSource<string>,
  minted: Pick<MintedTokens, 'add'> | undefined,
): CredentialSource<string> {
  if (minted === undefined) return source
  const noted = async (credential: ObtainedCredential, now: number): Promise<ObtainedCredential> => {
    await minted.add(credential.token, credential.expiresAt - now)
    return credential
  }
  return {
    obtain: async (code, now) => await noted(await source.obtain(code, now), now),
    renew: async (renewWith, moment) => await noted(await source.renew(renewWith, moment), moment.now),
  }
}
