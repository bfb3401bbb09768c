import type { Middleware } from 'koa'
import type { Account, Accounts } from './accounts.ts'
import { authenticateClient, type Client } from './client-authentication.ts'
import { readForm } from './form.ts'
import { IdTokenRefused, type IdTokenCheck } from './id-token.ts'
import { IdentityProviderUnavailable } from './identity-provider-metadata.ts'
import type { QuiltTokens } from './quilt-tokens.ts'
import { oauthRefusal, Refusal } from './refusal.ts'
import type { Renewals } from './renewals.ts'

export interface TokenExchangeDependencies {
  readonly accounts: Accounts
  readonly tokens: QuiltTokens
  readonly renewals: Renewals
  readonly checkIdToken: IdTokenCheck
  /** Absent if identity assertions are not accepted. */
  readonly checkAssertion?: IdTokenCheck | undefined
}

type Form = ReadonlyMap<string, string>

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'
const IDENTITY_ASSERTION = 'urn:ietf:params:oauth:token-type:id-jag'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/** Authenticates the client of the token exchange. */
export function requireClient(client: Client): Middleware {
  return async function requireClient(ctx, next) {
    authenticateClient(ctx.headers.authorization, client)
    await next()
  }
}

/**
 * OAuth 2.0 Token Exchange (RFC 8693): returns a Quilt token for a token of the identity provider, and a refresh token for that client
 * (RFC 6749 section 6).
 */
export function tokenExchange(dependencies: TokenExchangeDependencies): Middleware {
  const { accounts, tokens, renewals, checkIdToken, checkAssertion } = dependencies

  return async function tokenExchange(ctx) {
    const form = formOf(ctx.request.body)
    const grantType = form.get('grant_type')
    if (grantType === EXCHANGE) ctx.body = await exchange(form)
    else if (grantType === 'refresh_token') ctx.body = await renew(form)
    else if (grantType === undefined) throw oauthRefusal('invalid_request', 'grant_type is missing')
    else throw oauthRefusal('unsupported_grant_type', `only ${EXCHANGE} and refresh_token`)
  }

  async function exchange(form: Form): Promise<object> {
    const account = await accountOf(form)
    if (account === undefined) throw oauthRefusal('invalid_request', 'the subject token is of no Quilt user')
    if (!accounts.isActive(account)) throw oauthRefusal('invalid_request', 'the account is inactive')
    const refreshToken = renewals.begin(account)
    const answer = await tokenResponse(account, refreshToken)
    return { ...answer, issued_token_type: ACCESS_TOKEN, refresh_token: refreshToken }
  }

  async function accountOf(form: Form): Promise<Account | undefined> {
    const token = subjectTokenOf(form)
    if (form.get('subject_token_type') === ID_TOKEN) {
      return accounts.withEmail(await checkIdToken(token).catch(refused))
    }
    if (checkAssertion === undefined) throw oauthRefusal('invalid_request', 'no identity assertions')
    return accounts.withSubject(await checkAssertion(token).catch(refused))
  }

  async function renew(form: Form): Promise<object> {
    const refreshToken = form.get('refresh_token')
    if (refreshToken === undefined) throw oauthRefusal('invalid_request', 'refresh_token is missing')
    const account = renewals.ownerOf(refreshToken)
    if (account === undefined || !accounts.isActive(account)) {
      throw oauthRefusal('invalid_grant', 'the refresh token is unknown, expired or ended')
    }
    return await tokenResponse(account, refreshToken)
  }

  async function tokenResponse(account: Account, refreshToken: string): Promise<object> {
    const { token, lifetimeSeconds } = await tokens.issue(account, refreshToken)
    return { access_token: token, token_type: 'Bearer', expires_in: lifetimeSeconds }
  }
}

function formOf(body: unknown): Form {
  const form = readForm(body)
  if (form === 'not a form') throw oauthRefusal('invalid_request', 'the body must be form-urlencoded')
  if (form === 'repeated parameter') throw oauthRefusal('invalid_request', 'a parameter is repeated')
  return form
}

/** RFC 8693 section 2.1: only an ID token or an identity assertion for an access token. */
function subjectTokenOf(form: Form): string {
  if (![ID_TOKEN, IDENTITY_ASSERTION].includes(form.get('subject_token_type') ?? '')) {
    throw oauthRefusal('invalid_request', `subject_token_type must be ${ID_TOKEN} or ${IDENTITY_ASSERTION}`)
  }
  if ((form.get('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {
    throw oauthRefusal('invalid_request', `requested_token_type must be ${ACCESS_TOKEN}`)
  }
  const token = form.get('subject_token')
  if (token === undefined) throw oauthRefusal('invalid_request', 'subject_token is missing')
  return token
}

/** RFC 8693 section 2.2.2: an invalid subject token is `invalid_request`. */
function refused(error: unknown): never {
  if (error instanceof IdTokenRefused) {
    throw oauthRefusal('invalid_request', 'the subject token is not valid')
  }
  if (error instanceof IdentityProviderUnavailable) {
    const body = { error: 'temporarily_unavailable', error_description: error.message }
    throw Object.assign(new Refusal(503, body, { 'Retry-After': '5' }), { cause: error })
  }
  throw error
}
