import type { IdentityAssertion, IdentityProvider } from '../provider/identity-provider.ts'
import type { QuiltCredential } from '../../core/sessions/session.ts'
import { Unavailable } from '../oauth/errors.ts'
import { SignInRefused } from '../provider/sign-in-refused.ts'
import {
  CredentialRefused,
  type CredentialSource,
  type ObtainedCredential,
  type Renewal,
  type RenewalMoment,
} from './credential-source.ts'
import type { Exchanged, SubjectToken, TokenExchange } from './token-exchange.ts'

type ProviderRenewal = Extract<Renewal, { by: 'identity_provider' }>

export interface ExchangeSource extends CredentialSource<IdentityAssertion> {
  /** For an identity assertion (ID-JAG), never renewed. @throws CredentialRefused, Unavailable */
  obtainByAssertion(assertion: string, now: number): Promise<QuiltCredential>
}

/** Source `exchange`: the Registry exchanges a token of the identity provider for a Quilt credential. */
export function exchangeSource(
  tokenExchange: TokenExchange,
  identityProvider: Pick<IdentityProvider, 'refresh'>,
): ExchangeSource {
  return {
    async obtain({ idToken, refreshToken: token, subject }, now) {
      const otherwise =
        token === undefined ? undefined : ({ by: 'identity_provider', token, subject } as const)
      return obtained(await tokenExchange.exchange(idTokenOf(idToken), now), otherwise)
    },

    async obtainByAssertion(assertion, now) {
      return (await tokenExchange.exchange({ token: assertion, type: 'id-jag' }, now)).credential
    },

    async renew(renewWith, moment) {
      switch (renewWith.by) {
        case 'registry': {
          const renewed = obtained(await tokenExchange.refresh(renewWith.token, moment.now), renewWith)
          if (renewed.renewWith !== undefined && renewed.renewWith.token !== renewWith.token) {
            await moment.keep(renewed.renewWith)
          }
          return renewed
        }
        case 'identity_provider':
          return await renewAtIdentityProvider(renewWith, moment)
        case 'quilt_token':
          throw new CredentialRefused('the credential is from another source')
      }
    },
  }

  /** Stores a rotated refresh token before the exchange, or a failure in between would lose it. */
  async function renewAtIdentityProvider(
    renewWith: ProviderRenewal,
    { now, keep }: RenewalMoment,
  ): Promise<ObtainedCredential> {
    const fresh = await identityProvider.refresh(renewWith.token, renewWith.subject).catch(refused)
    const next = { ...renewWith, token: fresh.refreshToken ?? renewWith.token }
    if (next.token !== renewWith.token) await keep(next)
    const exchanged = await tokenExchange.exchange(idTokenOf(fresh.idToken), now).catch(postponed)
    return obtained(exchanged, next)
  }
}

function idTokenOf(token: string): SubjectToken {
  return { token, type: 'id_token' }
}

/** Prefers the Registry's own refresh token: it needs one request instead of two. */
function obtained(
  { credential, refreshToken }: Exchanged,
  otherwise: Renewal | undefined,
): ObtainedCredential {
  const renewWith =
    refreshToken === undefined ? otherwise : ({ by: 'registry', token: refreshToken } as const)
  return { ...credential, ...(renewWith === undefined ? {} : { renewWith }) }
}

function refused(error: unknown): never {
  if (!(error instanceof SignInRefused)) throw error
  if (error.refusal === 'refresh_token_over') {
    throw new CredentialRefused(`the identity provider: ${error.reason}`, { cause: error })
  }
  throw new Unavailable('the identity provider', { cause: new Error(error.reason), hasAnswered: true })
}

/** The Registry did not issue the refresh token, so its refusal of a fresh ID token may pass. */
function postponed(error: unknown): never {
  if (!(error instanceof CredentialRefused)) throw error
  throw new Unavailable('the Quilt Registry', { cause: new Error(error.reason), hasAnswered: true })
}
