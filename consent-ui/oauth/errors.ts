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
  | 'invalid_target'
  | 'login_required'
  | 'registration_not_supported'
  | 'request_not_supported'
  | 'request_uri_not_supported'
  | 'temporarily_unavailable'
  | 'unauthorized_client'
  | 'unsupported_grant_type'
  | 'unsupported_response_type'

/**
 * A request is refused under the protocol. Where it goes depends on the endpoint: JSON at token, register and
 * revoke; back to the client from authorize, once client and redirect URI are proven.
 */
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

/** RFC 6749 section 5.2 allows these characters in a description; what a caller sent may hold others. */
function printable(text: string): string {
  return text.replace(/[^\x20-\x21\x23-\x5b\x5d-\x7e]/g, '?')
}

/** A request is refused on a page, because there is nobody whom it could safely be told to otherwise. */
export class ShownError extends Error {
  readonly title: string
  readonly status: number
  /** What the person can do about it, in order; words in backticks are typed. */
  readonly steps: readonly string[]
  /** Where they can go on; a path of ours. */
  readonly link: Link | undefined

  constructor(title: string, explanation: string, more: number | MoreShown = 400) {
    super(explanation)
    const { status = 400, steps = [], link } = typeof more === 'number' ? { status: more } : more
    this.name = 'ShownError'
    this.title = title
    this.status = status
    this.steps = steps
    this.link = link
  }
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

/** The client of an authorization request is none of ours: it cannot be told, so the person is. */
export class UnknownClient extends ShownError {
  constructor() {
    super('Unknown application', 'This application is not registered here.')
    this.name = 'UnknownClient'
  }
}

/** A part that we depend on is unavailable: 503. */
export class Unavailable extends Error {
  /** @param options - `hasAnswered` where the part did answer, in a way that cannot be used */
  constructor(part: string, options: ErrorOptions & { readonly hasAnswered?: boolean } = {}) {
    const { hasAnswered = false, ...rest } = options
    super(hasAnswered ? `${part} answered, but its answer cannot be used` : `${part} does not answer`, rest)
    this.name = 'Unavailable'
  }
}
