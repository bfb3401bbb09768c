import { randomBytes } from 'node:crypto'
import { exportJWK, generateKeyPair } from 'jose'
import type { Configuration, JWK, KoaContextWithOIDC } from 'oidc-provider'
import { SafeHtml } from '../../../core/http/html.ts'
import type { DemoPerson } from '../people.ts'
import { memoryAdapter } from './memory-adapter.ts'
import { confirmLogoutPage, messagePage, sendPage } from './pages.ts'

/** The only client of this identity provider. */
export interface RelyingParty {
  readonly id: string
  readonly secret: string
  readonly redirectUris: readonly string[]
}

export const SESSION_COOKIE = 'demo-idp-session'

const SCOPES = 'openid email profile offline_access'
const MINUTE_SECONDS = 60
const HOUR_SECONDS = 60 * MINUTE_SECONDS
const DAY_SECONDS = 24 * HOUR_SECONDS

/** Configures the library: authorization code with PKCE for one confidential client. */
export function providerSettings(
  client: RelyingParty,
  people: readonly DemoPerson[],
  signingKey: JWK,
): Configuration {
  return {
    adapter: memoryAdapter(),
    clients: [
      {
        client_id: client.id,
        client_secret: client.secret,
        redirect_uris: [...client.redirectUris],
        ...logoutOf(client),
        response_types: ['code'],
        grant_types: ['authorization_code', 'refresh_token'],
        token_endpoint_auth_method: 'client_secret_basic',
        scope: SCOPES,
      },
    ],
    jwks: { keys: [signingKey] },
    responseTypes: ['code'],
    pkce: { required: () => true },
    scopes: SCOPES.split(' '),
    claims: { openid: ['sub'], email: ['email', 'email_verified'], profile: ['name'] },
    // The Registry sees only the ID token, so it must contain the e-mail.
    conformIdTokenClaims: false,
    findAccount: (_ctx, sub) => account(people, sub),
    loadExistingGrant: grantEverything,
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: confirmLogout, postLogoutSuccessSource: loggedOut },
      backchannelLogout: { enabled: true },
    },
    // The library refuses to send logout tokens to this machine, where everything is here.
    fetch: (url, options) => fetch(url, withoutDispatcher(options)),
    interactions: { url: (_ctx, { uid }) => `/sign-in/${uid}` },
    cookies: {
      keys: [randomBytes(32).toString('base64url')],
      names: { session: SESSION_COOKIE, interaction: 'demo-idp-sign-in', resume: 'demo-idp-resume' },
    },
    ttl: {
      Interaction: 10 * MINUTE_SECONDS,
      AuthorizationCode: MINUTE_SECONDS,
      AccessToken: HOUR_SECONDS,
      IdToken: HOUR_SECONDS,
      RefreshToken: 30 * DAY_SECONDS,
      Grant: 30 * DAY_SECONDS,
      Session: DAY_SECONDS,
    },
    renderError: (ctx, { error, error_description: description = '' }) => {
      sendPage(ctx, ctx.status, messagePage('Sign-in failed', `${error}: ${description}`))
    },
  }
}

/** Path of Connect's redirect URI; the Registry's own sign-in has another and hears of no logout. */
const CONNECT_CALLBACK = '/connect/callback'

function logoutOf({ redirectUris }: RelyingParty) {
  const connect = redirectUris
    .map((uri) => new URL(uri))
    .find(({ pathname }) => pathname === CONNECT_CALLBACK)
  if (connect === undefined) return {}
  return {
    backchannel_logout_uri: `${connect.origin}/connect/backchannel-logout`,
    backchannel_logout_session_required: true,
    post_logout_redirect_uris: [`${connect.origin}/connect/signout`],
  }
}

function withoutDispatcher(options: RequestInit = {}): RequestInit {
  const kept = Object.entries(options).filter(([name]) => name !== 'dispatcher')
  return Object.fromEntries(kept)
}

/** RS256, like the identity providers in Quilt's documentation (Okta, Entra, Google, OneLogin). */
export async function newSigningKey(): Promise<JWK> {
  const { privateKey } = await generateKeyPair('RS256', { extractable: true })
  return { ...(await exportJWK(privateKey)), use: 'sig', alg: 'RS256' }
}

function confirmLogout(ctx: KoaContextWithOIDC, form: string): void {
  sendPage(ctx, 200, confirmLogoutPage(new SafeHtml(form)))
}

function loggedOut(ctx: KoaContextWithOIDC): void {
  sendPage(ctx, 200, messagePage('Signed out', 'You are signed out of the demo organisation.'))
}

function account(people: readonly DemoPerson[], sub: string) {
  const person = people.find((candidate) => candidate.sub === sub)
  if (person === undefined) return undefined
  const { name, email } = person
  return { accountId: sub, claims: () => ({ sub, name, email, email_verified: true }) }
}

/** Skips the provider's own consent, as if an administrator had granted it. Connect asks the user. */
async function grantEverything({ oidc }: KoaContextWithOIDC) {
  const { client, session, provider } = oidc
  if (client === undefined || session?.accountId === undefined) return undefined
  const grant = new provider.Grant({ clientId: client.clientId, accountId: session.accountId })
  grant.addOIDCScope(SCOPES)
  await grant.save()
  return grant
}
