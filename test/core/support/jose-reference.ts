import { createLocalJWKSet, errors, jwtVerify, type JSONWebKeySet, type JWTPayload } from 'jose'
import type {
  AccessTokenClaims,
  Expectation,
  TokenFault,
  VerifiedToken,
} from '../../../core/tokens/access-token.ts'
import { encode } from './forge.ts'

/** Verifies access tokens with jose, for comparison with our own verification. */
export function joseReference(jwks: JSONWebKeySet) {
  const keys = createLocalJWKSet(jwks)
  return async function verifyWithJose(token: string, expectation: Expectation): Promise<VerifiedToken> {
    const { issuer, audience, now } = expectation
    try {
      const { payload } = await jwtVerify(token, keys, {
        algorithms: ['ES256'],
        typ: 'at+jwt',
        issuer,
        ...(audience === undefined ? {} : { audience }),
        requiredClaims: ['iss', 'aud', 'sub', 'client_id', 'scope', 'sid', 'jti', 'iat', 'exp', 'k'],
        currentDate: new Date(now * 1000),
      })
      return hasOurShape(payload)
        ? { ok: true, claims: claimsOf(payload) }
        : { ok: false, fault: 'malformed' }
    } catch (error) {
      return { ok: false, fault: faultOf(error) }
    }
  }
}

/** Errors of jose about the token, except those with their own fault. */
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
  const { aud, sub, client_id, scope, sid, jti, k } = payload
  return [aud, sub, client_id, scope, sid, jti, k].every((text) => typeof text === 'string' && text !== '')
}

function claimsOf({ iss, aud, sub, client_id, scope, sid, jti, iat, exp, k }: AccessTokenClaims) {
  return { iss, aud, sub, client_id, scope, sid, jti, iat, exp, k }
}

/**
 * True for tokens that we refuse and jose may accept: other spellings of base64url (white space, padding, unused bits
 * of the last letter), any `crit`, and a header without `kid`.
 */
export function stricterThanJose(token: string): boolean {
  const parts = token.split('.')
  if (parts.length !== 3) return false
  if (parts.some((part) => encode(Buffer.from(part, 'base64url')) !== part)) return true
  try {
    const header = JSON.parse(
      new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(parts[0] ?? '', 'base64url')),
    ) as { crit?: unknown; kid?: unknown } | null
    return header?.crit !== undefined || header?.kid === undefined
  } catch {
    return false
  }
}
