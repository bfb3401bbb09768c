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
  /** The session that the token points to. */
  readonly sid: string
  readonly jti: string
  readonly iat: number
  readonly exp: number
  /** The second share of the session's sealed credential: 32 random bytes, base64url. A secret. */
  readonly k: string
}

/** Why a token was not accepted. */
export type TokenFault = 'malformed' | 'bad_signature' | 'expired' | 'wrong_issuer' | 'wrong_audience'

export type VerifiedToken =
  | { readonly ok: true; readonly claims: AccessTokenClaims }
  | {
      readonly ok: false
      readonly fault: TokenFault
      /** Id of the key that a token names which is good but for its signature; its key is not among those given. */
      readonly unknownKey?: string
    }

/** What a token is checked against; without an audience, any service's token of this issuer is accepted. */
export interface Expectation {
  readonly issuer: string
  readonly audience?: string
  /** Seconds since 1970. */
  readonly now: number
}
