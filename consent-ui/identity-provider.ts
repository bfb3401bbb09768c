import * as client from 'openid-client'
import { isLoopback } from '../core/settings.ts'
import { IDENTITY_PROVIDER_TIMEOUT_SECONDS } from './lifetimes.ts'
import { Unavailable } from './oauth/errors.ts'
import type { Reauthentication } from './oauth/prompt.ts'
import { OFFLINE_ACCESS } from './oauth/scope.ts'
import type { SignedIn } from './signed-in.ts'

/** Our registration at the organisation's identity provider. */
export interface IdentityProviderSettings {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: string
  /** Whether an e-mail counts of which the provider does not say that it is verified, as some never do (Entra). */
  readonly emailsAreVerified: boolean
  /** Whether to ask for a refresh token, where the provider gives one. */
  readonly offlineAccess: boolean
}

/** What binds one visit to the identity provider to the browser that began it. */
export interface SignInSecrets {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

/** Whom the identity provider vouched for. */
export interface IdentityAssertion extends SignedIn {
  /** The ID token, a secret: it is exchanged for a Quilt credential. */
  readonly idToken: string
  /** Seconds since 1970, by our clock: from then on the ID token is worth nothing. */
  readonly expiresAt: number
  /** Seconds since 1970, by our clock: when the person proved who they are, where the provider says so. */
  readonly authenticatedAt?: number
  /** A secret too: it gets the next ID token without the person. */
  readonly refreshToken?: string
}

/** What a refresh token of the identity provider's was exchanged for. */
interface RefreshedIdentity {
  readonly idToken: string
  /** In place of the one that was shown, where the provider rotates them. */
  readonly refreshToken?: string
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
  /**
   * @param reauthentication - what a client asked for, where a sign-in from before will not do
   * @throws Unavailable when it does not answer
   */
  signInUrl(secrets: SignInSecrets, reauthentication?: Reauthentication): Promise<URL>
  /**
   * @param callbackUrl - our redirect URI with the query that the browser came back with
   * @param visit - as it began; the provider must have followed a `maxAgeSeconds`
   * @param now - seconds since 1970
   * @throws SignInRefused, Unavailable
   */
  finishSignIn(
    callbackUrl: URL,
    visit: SignInSecrets & Reauthentication,
    now: number,
  ): Promise<IdentityAssertion>
  /**
   * The next ID token of the person with this subject (OpenID Connect Core section 12).
   *
   * @throws SignInRefused, Unavailable
   */
  refresh(refreshToken: string, subject: string): Promise<RefreshedIdentity>
}

/**
 * Discovers the identity provider when it is first needed, so that we start without it.
 *
 * @param redirectUri - `<origin>/connect/callback`
 */
export function createIdentityProvider(
  settings: IdentityProviderSettings,
  redirectUri: string,
): IdentityProvider {
  let discovered: Promise<client.Configuration> | undefined

  function configuration(): Promise<client.Configuration> {
    discovered ??= discover(settings).catch((error: unknown) => {
      discovered = undefined
      throw new Unavailable('the identity provider', { cause: error })
    })
    return discovered
  }

  return {
    async signInUrl({ state, nonce, codeVerifier }, { prompt, maxAgeSeconds } = {}) {
      const config = await configuration()
      return client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: scopeAt(config, settings),
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        ...(prompt === undefined ? {} : { prompt }),
        ...(maxAgeSeconds === undefined ? {} : { max_age: String(maxAgeSeconds) }),
      })
    },

    async finishSignIn(callbackUrl, { state, nonce, codeVerifier, maxAgeSeconds }, now) {
      const tokens = await client
        .authorizationCodeGrant(await configuration(), callbackUrl, {
          pkceCodeVerifier: codeVerifier,
          expectedState: state,
          expectedNonce: nonce,
          idTokenExpected: true,
          ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
        })
        .catch(explained)
      return assertionOf(tokens, settings, now)
    },

    async refresh(refreshToken, subject) {
      const tokens = await client.refreshTokenGrant(await configuration(), refreshToken).catch(explained)
      if (tokens.id_token === undefined) throw new SignInRefused('no ID token')
      // OpenID Connect Core section 12.2.
      if (tokens.claims()?.sub !== subject) throw new SignInRefused('another subject')
      return { idToken: tokens.id_token, ...refreshTokenOf(tokens) }
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

/** Refresh tokens are asked for where the provider says that it gives them. */
function scopeAt(config: client.Configuration, { offlineAccess }: IdentityProviderSettings): string {
  const known = config.serverMetadata().scopes_supported ?? []
  const asksForMore = offlineAccess && known.includes(OFFLINE_ACCESS)
  return asksForMore ? `openid email ${OFFLINE_ACCESS}` : 'openid email'
}

type Tokens = client.TokenEndpointResponse & client.TokenEndpointResponseHelpers

function assertionOf(tokens: Tokens, settings: IdentityProviderSettings, now: number): IdentityAssertion {
  const [claims, idToken] = [tokens.claims(), tokens.id_token]
  if (claims === undefined || idToken === undefined) throw new SignInRefused('no ID token')
  const { email } = claims
  if (typeof email !== 'string' || email === '') throw new SignInRefused('no e-mail')
  if (!isVerified(claims, settings)) throw new SignInRefused('e-mail not verified')
  // By how long it lives, not until when: the provider's clock need not be ours.
  const expiresAt = now + claims.exp - claims.iat
  const { auth_time: authTime } = claims
  return {
    issuer: claims.iss,
    subject: claims.sub,
    email,
    idToken,
    expiresAt,
    ...(authTime === undefined ? {} : { authenticatedAt: now + authTime - claims.iat }),
    ...refreshTokenOf(tokens),
  }
}

function refreshTokenOf({ refresh_token: refreshToken }: Tokens): { refreshToken?: string } {
  return refreshToken === undefined ? {} : { refreshToken }
}

/** Some say it in text (Cognito). What the provider itself calls unverified names nobody, whatever is configured. */
function isVerified(
  { email_verified: verified }: client.IDToken,
  settings: IdentityProviderSettings,
): boolean {
  if (verified === undefined) return settings.emailsAreVerified
  return verified === true || verified === 'true'
}

/** What the provider says of this sign-in; everything else that can go wrong is the provider not working. */
const REFUSALS = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
])

/** Errors by which the provider says that it, or our registration there, does not work (RFC 6749 4.1.2.1, 5.2). */
const NOT_THE_PERSONS = new Set([
  'server_error',
  'temporarily_unavailable',
  'invalid_client',
  'unauthorized_client',
])

const TOO_MANY_REQUESTS = 429

function explained(error: unknown): never {
  const isProtocolError =
    error instanceof client.AuthorizationResponseError ||
    (error instanceof client.ResponseBodyError && error.status < 500 && error.status !== TOO_MANY_REQUESTS)
  if (isProtocolError && !NOT_THE_PERSONS.has(error.error)) {
    throw new SignInRefused(error.error, { cause: error })
  }
  if (error instanceof client.ClientError && REFUSALS.has(error.code ?? '')) {
    throw new SignInRefused(error.code ?? '', { cause: error })
  }
  throw new Unavailable('the identity provider', { cause: error })
}
