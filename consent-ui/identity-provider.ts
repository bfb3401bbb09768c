import * as client from 'openid-client'
import { isLoopback } from '../core/settings.ts'
import { IDENTITY_PROVIDER_TIMEOUT_SECONDS } from './lifetimes.ts'
import { Unavailable } from './oauth/errors.ts'

/** Our registration at the organisation's identity provider. */
export interface IdentityProviderSettings {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: string
  /** `<origin>/connect/callback` */
  readonly redirectUri: string
}

/** What binds one visit to the identity provider to the browser that began it. */
export interface SignInSecrets {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

/** Whom the identity provider vouched for. */
export interface IdentityAssertion {
  readonly issuer: string
  readonly subject: string
  readonly email: string
  /** The ID token, a secret: it is exchanged for a Quilt credential. */
  readonly idToken: string
}

/** The identity provider refused, or what it said cannot be used; `reason` is for the log and names no secret. */
export class SignInRefused extends Error {
  readonly reason: string

  constructor(reason: string, options?: ErrorOptions) {
    super('the sign-in was refused', options)
    this.name = 'SignInRefused'
    this.reason = reason
  }
}

/** Sign-in by OpenID Connect: authorization code with PKCE, state and nonce. The only file that knows the library. */
export interface IdentityProvider {
  /** @throws Unavailable when it does not answer */
  signInUrl(secrets: SignInSecrets): Promise<URL>
  /**
   * @param callbackUrl - our redirect URI with the query that the browser came back with
   * @throws SignInRefused, Unavailable
   */
  finishSignIn(callbackUrl: URL, secrets: SignInSecrets): Promise<IdentityAssertion>
}

/** Discovers the identity provider when it is first needed, so that we start without it. */
export function createIdentityProvider(settings: IdentityProviderSettings): IdentityProvider {
  let discovered: Promise<client.Configuration> | undefined

  function configuration(): Promise<client.Configuration> {
    discovered ??= discover(settings).catch((error: unknown) => {
      discovered = undefined
      throw new Unavailable('the identity provider', { cause: error })
    })
    return discovered
  }

  return {
    async signInUrl({ state, nonce, codeVerifier }) {
      return client.buildAuthorizationUrl(await configuration(), {
        redirect_uri: settings.redirectUri,
        scope: 'openid email',
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      })
    },

    async finishSignIn(callbackUrl, { state, nonce, codeVerifier }) {
      const tokens = await client
        .authorizationCodeGrant(await configuration(), callbackUrl, {
          pkceCodeVerifier: codeVerifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
        })
        .catch(explained)
      return assertionOf(tokens.claims(), tokens.id_token)
    },
  }
}

async function discover(settings: IdentityProviderSettings): Promise<client.Configuration> {
  return await client.discovery(
    settings.issuer,
    settings.clientId,
    undefined,
    client.ClientSecretBasic(settings.clientSecret),
    {
      timeout: IDENTITY_PROVIDER_TIMEOUT_SECONDS,
      // The configuration lets plain http through on this machine alone.
      execute: isLoopback(settings.issuer.hostname) ? [client.allowInsecureRequests] : [],
    },
  )
}

/** An e-mail that the provider itself calls unverified names nobody. */
function assertionOf(claims: client.IDToken | undefined, idToken: string | undefined): IdentityAssertion {
  if (claims === undefined || idToken === undefined) throw new SignInRefused('no ID token')
  if (typeof claims.email !== 'string' || claims.email === '') throw new SignInRefused('no e-mail')
  if (claims.email_verified === false) throw new SignInRefused('e-mail not verified')
  return { issuer: claims.iss, subject: claims.sub, email: claims.email, idToken }
}

/** What the provider says of this sign-in; everything else that can go wrong is the provider not working. */
const REFUSALS = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
])

function explained(error: unknown): never {
  if (error instanceof client.AuthorizationResponseError)
    throw new SignInRefused(error.error, { cause: error })
  if (error instanceof client.ResponseBodyError && error.status < 500) {
    throw new SignInRefused(error.error, { cause: error })
  }
  if (error instanceof client.ClientError && REFUSALS.has(error.code ?? '')) {
    throw new SignInRefused(error.code ?? '', { cause: error })
  }
  throw new Unavailable('the identity provider', { cause: error })
}
