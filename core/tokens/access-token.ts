/** RFC 9068 section 2.1. */
export const ACCESS_TOKEN_TYPE = 'at+jwt'
export const ACCESS_TOKEN_ALGORITHM = 'ES256'

/** The claims of an access token (RFC 9068 section 2.2, and `k`). Times are seconds since 1970. */
export interface AccessTokenClaims {
  readonly iss: string
  readonly aud: string
  readonly sub: string
  readonly client_id: string
  readonly scope: string
  readonly sid: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
  /** The second share of the session's sealed credential: 32 random bytes, base64url. Secret. */
  readonly k: string
}

export type TokenFault = 'malformed' | 'bad_signature' | 'expired' | 'wrong_issuer' | 'wrong_audience'

export type VerifiedToken =
  | { readonly ok: true; readonly claims: AccessTokenClaims }
  | {
      readonly ok: false
      readonly fault: TokenFault
      /** Id of a signing key that is not known, of a token that is valid otherwise. */
      readonly unknownKey?: string
    }

/** Without an audience, the tokens of all services match. */
export interface Expectation {
  readonly issuer: string
  readonly audience?: string
  /** Seconds since 1970. */
  readonly now: number
}
