import { describeError } from '../../core/log/describe-error.ts'
import { Unavailable } from '../oauth/errors.ts'
import { SignInRefused, type SignInRefusal } from './sign-in-refused.ts'

/** Codes of openid-client for errors of this sign-in; every other code means the provider failed. */
const REFUSALS = new Set([
  'OAUTH_INVALID_RESPONSE',
  'OAUTH_JWT_TIMESTAMP_CHECK_FAILED',
  'OAUTH_JWT_CLAIM_COMPARISON_FAILED',
  'OAUTH_JSON_ATTRIBUTE_COMPARISON_FAILED',
])

/** Errors of the provider itself or of our registration there (RFC 6749 sections 4.1.2.1 and 5.2). */
const NOT_ABOUT_THE_USER = new Set([
  'server_error',
  'temporarily_unavailable',
  'invalid_client',
  'unauthorized_client',
])

/** Answers to `prompt=select_account` of providers that do not know it (OpenID Connect Core section 3.1.2.6). */
const NO_ACCOUNT_SELECTION = new Set(['account_selection_required', 'invalid_request'])

const CLOCK_CLAIMS = new Set(['exp', 'nbf', 'iat'])
const TOO_MANY_REQUESTS = 429
const NO_ANSWER = new Set(['OAUTH_TIMEOUT', 'OAUTH_ABORT'])

/** Classifies an error of openid-client. `sent` are secrets of the request, which the provider may repeat. */
export function providerFault(error: unknown, sent: readonly string[]): SignInRefused | Unavailable {
  const said = describeError(error, sent)
  const code = textOf(error, 'code')
  if (code === 'OAUTH_AUTHORIZATION_RESPONSE_ERROR' || isRefusingBody(error, code)) {
    const name = textOf(error, 'error')
    if (!NOT_ABOUT_THE_USER.has(name)) return new SignInRefused(said, refusalOf(name, code))
  }
  if (REFUSALS.has(code)) return new SignInRefused(said, isAboutClocks(error) ? 'clocks_differ' : 'other')
  return providerUnavailable(error, sent)
}

/** For requests that are not about a user, such as discovery. */
export function providerUnavailable(error: unknown, sent: readonly string[]): Unavailable {
  const isAnswer = !(error instanceof TypeError) && !NO_ANSWER.has(textOf(error, 'code'))
  // Flat text: the library's causes hold the raw answer.
  const cause = new Error(describeError(error, sent))
  return new Unavailable('the identity provider', { cause, hasAnswered: isAnswer })
}

/** True for an error in JSON about the user. A 5xx or a rate limit is not. */
function isRefusingBody(error: unknown, code: string): boolean {
  const status = member(error, 'status')
  return (
    code === 'OAUTH_RESPONSE_BODY_ERROR' &&
    typeof status === 'number' &&
    status < 500 &&
    status !== TOO_MANY_REQUESTS
  )
}

function refusalOf(name: string, code: string): SignInRefusal {
  if (code !== 'OAUTH_AUTHORIZATION_RESPONSE_ERROR') {
    return name === 'invalid_grant' ? 'refresh_token_over' : 'other'
  }
  if (name === 'access_denied') return 'access_denied'
  return NO_ACCOUNT_SELECTION.has(name) ? 'no_account_selection' : 'other'
}

/** The compared claim is two causes down. */
function isAboutClocks(error: unknown): boolean {
  const compared = member(member(error, 'cause'), 'cause')
  return member(compared, 'now') !== undefined && CLOCK_CLAIMS.has(textOf(compared, 'claim'))
}

function textOf(value: unknown, name: string): string {
  const text = member(value, name)
  return typeof text === 'string' ? text : ''
}

function member(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && name in value
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined
}
