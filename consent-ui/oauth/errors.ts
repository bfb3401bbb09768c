/** Error codes of RFC 6749 (4.1.2.1, 5.2), RFC 7591 (3.2.2), RFC 8707 (2) and OpenID Connect Core (3.1.2.6). */
export type OAuthErrorCode =
  | 'access_denied'
  | 'consent_required'
  | 'interaction_required'
  | 'invalid_client'
  | 'invalid_client_metadata'
  | 'invalid_grant'
  | 'invalid_redirect_uri'
  | 'invalid_request'
  | 'invalid_scope'
  | 'invalid_target'
  | 'login_required'
  | 'registration_not_supported'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'

/** JSON at token, register and revoke; a redirect from authorize, once client and redirect URI are checked. */
export class OAuthError extends Error {
  readonly code: OAuthErrorCode
  readonly status: number

  constructor(code: OAuthErrorCode, description: string, status = code === 'invalid_client' ? 401 : 400) {
    super(printable(description))
    this.name = 'OAuthError'
    this.code = code
    this.status = status
  }
}

/** Replaces characters that RFC 6749 section 5.2 does not allow in a description. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')
}

/** An error shown as a page: client or redirect URI is not verified, so a redirect would be an open redirect. */
export class ShownError extends Error {
  readonly title: string
  readonly status: number
  /** What the user can do, in order; text in backticks is shown as code. */
  readonly steps: readonly string[]
  /** A path of ours to continue with. */
  readonly link: Link | undefined

  constructor({ title, text }: Explanation, more: number | MoreShown = 400) {
    super(text)
    const { status = 400, steps = [], link } = typeof more === 'number' ? { status: more } : more
    this.name = 'ShownError'
    this.title = title
    this.status = status
    this.steps = steps
    this.link = link
  }
}

/** What a page says of an error. */
export interface Explanation {
  readonly title: string
  readonly text: string
}

interface Link {
  readonly href: string
  readonly text: string
}

interface MoreShown {
  readonly status?: number
  readonly steps?: readonly string[]
  readonly link?: Link
}

export class UnknownClient extends ShownError {
  override readonly name = 'UnknownClient'
}

/** The operator has stopped Connect or one service (CONNECT_STOP): 503. */
export class Stopped extends Error {
  readonly what: string

  constructor(what: string) {
    super(`The operator has stopped ${what} for now. Try again later.`)
    this.name = 'Stopped'
    this.what = what
  }
}

/** A service that we depend on is unavailable: 503. */
export class Unavailable extends Error {
  /** @param options - `hasAnswered` if its response was invalid */
  constructor(part: string, options: ErrorOptions & { readonly hasAnswered?: boolean } = {}) {
    const { hasAnswered = false, ...rest } = options
    super(hasAnswered ? `${part} sent an invalid response` : `${part} does not answer`, rest)
    this.name = 'Unavailable'
  }
}
