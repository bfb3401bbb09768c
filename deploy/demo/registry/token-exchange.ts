import type { Middleware } from 'koa'
import type { Log } from '../../../core/log/log.ts'
import type { Account, Accounts } from './accounts.ts'
import { authenticateClient, type Client } from './client-authentication.ts'
import { readForm } from './form.ts'
import { IdTokenRefused, type IdTokenCheck } from './id-token.ts'
import { IdentityProviderUnavailable } from './identity-provider-metadata.ts'
import type { QuiltTokens } from './quilt-tokens.ts'
import { oauthRefusal, Refusal } from './refusal.ts'
import type { Renewals } from './renewals.ts'

export interface TokenExchangeParts {
  readonly client: Client
  readonly accounts: Accounts
  readonly tokens: QuiltTokens
  readonly renewals: Renewals
  readonly checkIdToken: IdTokenCheck
  readonly log: Log
  readonly now: () => number
}

type Form = ReadonlyMap<string, string>

const EXCHANGE = 'urn:ietf:params:oauth:grant-type:token-exchange'
const ID_TOKEN = 'urn:ietf:params:oauth:token-type:id_token'
const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

/**
 * OAuth 2.0 Token Exchange (RFC 8693): an ID token in, that person's Quilt token out, and a refresh token with
 * which the same client has it renewed (RFC 6749 section 6).
 */
export function tokenExchange(parts: TokenExchangeParts): Middleware {
  const { client, accounts, tokens, renewals } = parts

  return async function exchangeToken(ctx) {
    authenticateClient(ctx.headers.authorization, client)
    const form = formOf(ctx.request.body)
    const grantType = form.get('grant_type')
    if (grantType === EXCHANGE) ctx.body = await exchanged(form)
    else if (grantType === 'refresh_token') ctx.body = await renewed(form)
    else if (grantType === undefined) throw oauthRefusal('invalid_request', 'grant_type is missing')
    else throw oauthRefusal('unsupported_grant_type', `only ${EXCHANGE} and refresh_token`)
  }

  async function exchanged(form: Form): Promise<object> {
    const idToken = subjectTokenOf(form)
    const email = await parts.checkIdToken(idToken).catch((error: unknown) => explained(error, parts.log))
    const account = accounts.withEmail(email)
    if (account === undefined) throw oauthRefusal('invalid_request', 'no Quilt user has this e-mail')
    if (!accounts.isActive(account)) throw oauthRefusal('invalid_request', 'the account is inactive')
    const refreshToken = renewals.begin(account)
    const answer = await tokenResponse(account, refreshToken)
    return { ...answer, issued_token_type: ACCESS_TOKEN, refresh_token: refreshToken }
  }

  async function renewed(form: Form): Promise<object> {
    const refreshToken = form.get('refresh_token')
    if (refreshToken === undefined) throw oauthRefusal('invalid_request', 'refresh_token is missing')
    const account = renewals.ownerOf(refreshToken)
    if (account === undefined || !accounts.isActive(account)) {
      throw oauthRefusal('invalid_grant', 'the refresh token is unknown, expired or ended')
    }
    return await tokenResponse(account, refreshToken)
  }

  async function tokenResponse(account: Account, renewal: string): Promise<object> {
    const { token, expiresAt } = await tokens.issue(account, renewal)
    return { access_token: token, token_type: 'Bearer', expires_in: expiresAt - parts.now() }
  }
}

function formOf(body: unknown): Form {
  const form = readForm(body)
  if (form === 'not a form') throw oauthRefusal('invalid_request', 'the body must be form-urlencoded')
  if (form === 'repeated parameter') throw oauthRefusal('invalid_request', 'a parameter is repeated')
  return form
}

/** RFC 8693 section 2.1, for the one kind of exchange that there is here. */
function subjectTokenOf(form: Form): string {
  if (form.get('subject_token_type') !== ID_TOKEN) {
    throw oauthRefusal('invalid_request', `subject_token_type must be ${ID_TOKEN}`)
  }
  if ((form.get('requested_token_type') ?? ACCESS_TOKEN) !== ACCESS_TOKEN) {
    throw oauthRefusal('invalid_request', `requested_token_type must be ${ACCESS_TOKEN}`)
  }
  const token = form.get('subject_token')
  if (token === undefined) throw oauthRefusal('invalid_request', 'subject_token is missing')
  return token
}

/** RFC 8693 section 2.2.2: a subject token that is invalid for any reason is `invalid_request`. */
function explained(error: unknown, log: Log): never {
  if (error instanceof IdTokenRefused) {
    log.warn({ reason: error.reason }, 'an ID token was refused')
    throw oauthRefusal('invalid_request', 'the subject token is not valid')
  }
  if (error instanceof IdentityProviderUnavailable) {
    const body = { error: 'temporarily_unavailable', error_description: error.message }
    throw Object.assign(new Refusal(503, body, { 'Retry-After': '5' }), { cause: error })
  }
  throw error
}
