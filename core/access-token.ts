import { errors, jwtVerify, type JWTPayload, type JWTVerifyGetKey } from 'jose'

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
  | { readonly ok: false; readonly fault: TokenFault }

/** What a token is checked against; without an audience, any service's token of this issuer is accepted. */
export interface Expectation {
  readonly issuer: string
  readonly audience?: string
  /** Seconds since 1970. */
  readonly now: number
}

/**
 * Verifies an access token of our own (RFC 9068 section 4). A token's faults are a value; what is thrown is our
 * own trouble with the keys.
 */
export async function verifyAccessToken(
  token: string,
  keys: JWTVerifyGetKey,
  expectation: Expectation,
): Promise<VerifiedToken> {
  try {
    const { payload } = await jwtVerify(token, keys, {
      algorithms: [ACCESS_TOKEN_ALGORITHM],
      typ: ACCESS_TOKEN_TYPE,
      issuer: expectation.issuer,
      ...(expectation.audience === undefined ? {} : { audience: expectation.audience }),
      requiredClaims: ['iss', 'aud', 'sub', 'client_id', 'scope', 'sid', 'jti', 'iat', 'exp', 'k'],
      currentDate: new Date(expectation.now * 1000),
    })
    return hasOurShape(payload) ? { ok: true, claims: payload } : { ok: false, fault: 'malformed' }
  } catch (error) {
    return { ok: false, fault: faultOf(error) }
  }
}

/** What jose says about the token itself, beside the faults that have a name of their own. */
const MALFORMED = [
  errors.JWTInvalid,
  errors.JWTClaimValidationFailed,
  errors.JWSInvalid,
  errors.JOSEAlgNotAllowed,
  errors.JOSENotSupported,
  errors.JWKSMultipleMatchingKeys,
]

function faultOf(error: unknown): TokenFault {
  if (error instanceof errors.JWTExpired) return 'expired'
  if (error instanceof errors.JWTClaimValidationFailed && error.reason === 'check_failed') {
    if (error.claim === 'iss') return 'wrong_issuer'
    if (error.claim === 'aud') return 'wrong_audience'
  }
  if (error instanceof errors.JWSSignatureVerificationFailed || error instanceof errors.JWKSNoMatchingKey) {
    return 'bad_signature'
  }
  if (MALFORMED.some((fault) => error instanceof fault)) return 'malformed'
  throw error
}

function hasOurShape(payload: JWTPayload): payload is JWTPayload & AccessTokenClaims {
  const texts = [
    payload.aud,
    payload.sub,
    payload.client_id,
    payload.scope,
    payload.sid,
    payload.jti,
    payload.k,
  ]
  return texts.every((value) => typeof value === 'string' && value !== '')
}
