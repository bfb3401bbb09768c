import * as client from 'openid-client'
import { isLoopback } from '../../core/config/settings.ts'
import { annotateSpan, inSpan, traceHeaders } from '../../core/tracing/span.ts'
import { IDENTITY_PROVIDER_TIMEOUT_SECONDS, ROTATION_TIMEOUT_MS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import type { Reauthentication } from '../oauth/prompt.ts'
import { OFFLINE_ACCESS } from '../oauth/scope.ts'
import { needsUserInfo, verifiedEmail, type EmailClaims, type EmailPolicy } from './email.ts'
import { providerFault, providerUnavailable } from './provider-fault.ts'
import { Renewed } from './renewed.ts'
import { SignInRefused } from './sign-in-refused.ts'
import { isSessionId, type ProviderSession, type SignedIn } from './signed-in.ts'

/** Which Connect sessions end when the identity provider reports a logout. */
export type LogoutEndsSessions = 'off' | 'sid' | 'all'

/** Our registration at the organisation's identity provider. */
export interface IdentityProviderSettings extends EmailPolicy {
  readonly issuer: URL
  readonly clientId: string
  readonly clientSecret: string
  readonly logoutEndsSessions: LogoutEndsSessions
}

/** Bind a login attempt to the browser that started it. */
export interface SignInSecrets {
  readonly state: string
  readonly nonce: string
  readonly codeVerifier: string
}

/** The user that the identity provider signed in. */
export interface IdentityAssertion extends SignedIn, ProviderSession {
  /** A secret: it is exchanged for a Quilt credential. */
  readonly idToken: string
  /** When the ID token expires; seconds since 1970, by our clock. */
  readonly expiresAt: number
  /** When the user authenticated, if the provider says so; seconds since 1970, by our clock. */
  readonly authenticatedAt?: number
  /** A secret: it gets the next ID token without the user. */
  readonly refreshToken?: string
}

/** Our client id, and what the discovery document says beside the endpoints of a sign-in. */
interface ProviderMetadata {
  readonly issuer: string
  readonly clientId: string
  /** OpenID Connect Back-Channel Logout 1.0 section 2.1. */
  readonly hasBackchannelLogout: boolean
  /** OpenID Connect RP-Initiated Logout 1.0 section 2.1; undefined if it is no https URL. */
  readonly endSessionEndpoint: string | undefined
}

interface RefreshedIdentity {
  readonly idToken: string
  /** The successor, if the provider rotates refresh tokens. */
  readonly refreshToken?: string
}

export interface SignInRequest extends Reauthentication {
  /** True if the Quilt credential will be renewed without the user, which may need a refresh token. */
  readonly needsRenewal?: boolean
}

/** Sign-in by OpenID Connect: authorization code with PKCE, state and nonce. Only this file uses openid-client. */
export interface IdentityProvider {
  /** @throws Unavailable */
  signInUrl(secrets: SignInSecrets, request?: SignInRequest): Promise<URL>
  /** `callbackUrl` has the browser's query; `now` is in seconds since 1970. @throws SignInRefused, Unavailable */
  finishSignIn(
    callbackUrl: URL,
    attempt: SignInSecrets & Reauthentication,
    now: number,
  ): Promise<IdentityAssertion>
  /** The next ID token of the subject (OpenID Connect Core section 12). @throws SignInRefused, Unavailable */
  refresh(refreshToken: string, subject: string): Promise<RefreshedIdentity>
  /** @throws Unavailable */
  metadata(): Promise<ProviderMetadata>
}

/** The discovery document is fetched again after an hour, and sooner after a failure. */
const DISCOVERY_LIFETIMES = { freshSeconds: 3600, retrySeconds: 10 }

/** Discovers the provider on first use, so that consent-ui starts without it. `now` is in seconds since 1970. */
export function createIdentityProvider(
  settings: IdentityProviderSettings,
  redirectUri: string,
  now: () => number,
): IdentityProvider {
  const discovered = new Renewed(() => discover(settings), DISCOVERY_LIFETIMES, now)

  /** @param sent - secrets in the request */
  async function ask<Answer>(
    question: (config: client.Configuration) => Promise<Answer>,
    sent: readonly string[],
  ): Promise<Answer> {
    const config = await discovered.get()
    return await question(config).catch((error: unknown) => {
      const fault = providerFault(error, [settings.clientSecret, ...sent])
      // The provider's endpoints may have moved.
      if (fault instanceof Unavailable) discovered.doubt()
      throw fault
    })
  }

  return {
    async signInUrl({ state, nonce, codeVerifier }, { prompt, maxAgeSeconds, needsRenewal = false } = {}) {
      const config = await discovered.get()
      return client.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: needsRenewal ? scopeWithRefreshToken(config) : SCOPE,
        code_challenge: await client.calculatePKCECodeChallenge(codeVerifier),
        code_challenge_method: 'S256',
        state,
        nonce,
        ...(prompt === undefined ? {} : { prompt: supportedPrompt(config, prompt) }),
        ...(maxAgeSeconds === undefined ? {} : { max_age: String(maxAgeSeconds) }),
      })
    },

    async finishSignIn(callbackUrl, { state, nonce, codeVerifier, maxAgeSeconds }, signedInAt) {
      const code = callbackUrl.searchParams.get('code') ?? ''
      const checks = {
        pkceCodeVerifier: codeVerifier,
        expectedState: state,
        expectedNonce: nonce,
        idTokenExpected: true,
        ...(maxAgeSeconds === undefined ? {} : { maxAge: maxAgeSeconds }),
      }
      const tokens = await ask(
        (config) => client.authorizationCodeGrant(config, callbackUrl, checks),
        [code, codeVerifier, nonce],
      )
      const email = await emailOf(tokens)
      return assertionOf(tokens, email, signedInAt)
    },

    async refresh(refreshToken, subject) {
      const tokens = await ask((config) => client.refreshTokenGrant(config, refreshToken), [refreshToken])
      if (tokens.id_token === undefined) throw new SignInRefused('no ID token', 'refresh_token_over')
      // OpenID Connect Core section 12.2.
      if (tokens.claims()?.sub !== subject) throw new SignInRefused('another subject', 'refresh_token_over')
      return { idToken: tokens.id_token, ...refreshTokenOf(tokens) }
    },

    async metadata() {
      return metadataOf(await discovered.get(), settings)
    },
  }

  async function emailOf(tokens: Tokens): Promise<string> {
    const claims = claimsOf(tokens)
    const { access_token: accessToken } = tokens
    const userInfo = needsUserInfo(claims, settings)
      ? await ask((config) => askUserInfo(config, accessToken, claims.sub), [accessToken])
      : undefined
    return verifiedEmail(claims, userInfo, settings)
  }
}

async function discover(settings: IdentityProviderSettings): Promise<client.Configuration> {
  const options = {
    timeout: IDENTITY_PROVIDER_TIMEOUT_SECONDS,
    // The configuration accepts plain http only on this machine.
    execute: isLoopback(settings.issuer.hostname) ? [client.allowInsecureRequests] : [],
    [client.customFetch]: fetchWithTimeout,
  }
  const { issuer, clientId, clientSecret } = settings
  return await client
    .discovery(issuer, clientId, undefined, listedClientSecret(clientSecret), options)
    .catch((error: unknown) => {
      throw providerUnavailable(error, [clientSecret])
    })
}

/** Waits longer for the answer to a refresh token, which may hold its only successor. */
const fetchWithTimeout: client.CustomFetch = async (url, options) => {
  const { body } = options
  const isRefresh = body instanceof URLSearchParams && body.get('grant_type') === 'refresh_token'
  const signal = isRefresh ? AbortSignal.timeout(ROTATION_TIMEOUT_MS) : (options.signal ?? null)
  return await inSpan(
    () => ({ name: `identity provider ${options.method}`, kind: 'client' }),
    async () => {
      const headers = { ...options.headers, ...traceHeaders() }
      const response = await fetch(url, { ...options, headers, body: body ?? null, signal })
      annotateSpan(() => ({ 'http.response.status_code': response.status }))
      return response
    },
  )
}

/** Authenticates by a method that the provider lists; without a list, HTTP Basic is the default. */
function listedClientSecret(secret: string): client.ClientAuth {
  const methods: Readonly<Record<string, client.ClientAuth>> = {
    client_secret_basic: client.ClientSecretBasic(secret),
    client_secret_post: client.ClientSecretPost(secret),
    client_secret_jwt: client.ClientSecretJwt(secret),
  }
  return function authenticate(server, ...request) {
    const listed = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
    const method = Object.keys(methods).find((name) => listed.includes(name)) ?? 'client_secret_basic'
    return methods[method]?.(server, ...request)
  }
}

/** Undefined if the provider has no UserInfo endpoint. The library compares `sub` (section 5.3.2). */
async function askUserInfo(
  config: client.Configuration,
  accessToken: string,
  subject: string,
): Promise<EmailClaims | undefined> {
  if (config.serverMetadata().userinfo_endpoint === undefined) return undefined
  return await client.fetchUserInfo(config, accessToken, subject)
}

function metadataOf(
  config: client.Configuration,
  { issuer, clientId }: IdentityProviderSettings,
): ProviderMetadata {
  const metadata = config.serverMetadata()
  const endSession = URL.parse(metadata.end_session_endpoint ?? '')
  const schemes = isLoopback(issuer.hostname) ? ['https:', 'http:'] : ['https:']
  return {
    issuer: metadata.issuer,
    clientId,
    hasBackchannelLogout: metadata.backchannel_logout_supported === true,
    endSessionEndpoint: schemes.includes(endSession?.protocol ?? '') ? endSession?.href : undefined,
  }
}

const SCOPE = 'openid email'

/** OpenID Connect Core section 11. A provider that does not list the scope may refuse it. */
function scopeWithRefreshToken(config: client.Configuration): string {
  const known = config.serverMetadata().scopes_supported ?? []
  return known.includes(OFFLINE_ACCESS) ? `${SCOPE} ${OFFLINE_ACCESS}` : SCOPE
}

/** `login` also lets the user choose an account, for a provider that does not list `select_account`. */
function supportedPrompt(config: client.Configuration, prompt: 'login' | 'select_account'): string {
  const listed: unknown = config.serverMetadata().prompt_values_supported
  return Array.isArray(listed) && !listed.includes(prompt) ? 'login' : prompt
}

type Tokens = client.TokenEndpointResponse & client.TokenEndpointResponseHelpers

function claimsOf(tokens: Tokens): client.IDToken {
  const claims = tokens.claims()
  if (claims === undefined) throw new SignInRefused('no ID token')
  return claims
}

function assertionOf(tokens: Tokens, email: string, now: number): IdentityAssertion {
  const { iss, sub, exp, iat, sid, auth_time: authTime } = claimsOf(tokens)
  return {
    issuer: iss,
    subject: sub,
    email,
    idToken: tokens.id_token ?? '',
    issuedAt: iat,
    ...(typeof sid === 'string' && isSessionId(sid) ? { sid } : {}),
    // Uses durations, since the provider's clock may differ from ours.
    expiresAt: now + exp - iat,
    ...(authTime === undefined ? {} : { authenticatedAt: now + authTime - iat }),
    ...refreshTokenOf(tokens),
  }
}

function refreshTokenOf({ refresh_token: refreshToken }: Tokens): { refreshToken?: string } {
  return refreshToken === undefined ? {} : { refreshToken }
}
