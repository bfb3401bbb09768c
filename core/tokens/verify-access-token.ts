import type { AccessTokenClaims, Expectation, TokenFault, VerifiedToken } from './access-token.ts'
import { judgeClaims } from './access-token-claims.ts'
import { isSignedBy, readSignedToken } from './signed-token.ts'
import { KEY_ID } from '../keys/keys.ts'
import type { VerificationKeys } from './verification-keys.ts'

export type ReadToken =
  | {
      readonly ok: true
      /** The claims; an attacker may have made them up. */
      readonly unverified: AccessTokenClaims
      readonly verifySignature: () => VerifiedToken
    }
  | { readonly ok: false; readonly fault: TokenFault; readonly unknownKey?: string }

/**
 * Cheap checks before the signature: format, issuer, audience, expiry. They reveal nothing and save an ES256 verification
 * (0.13 ms).
 */
export function readAccessToken(token: string, keys: VerificationKeys, expectation: Expectation): ReadToken {
  const read = readSignedToken(token)
  const kid = read?.header.kid
  if (read === undefined || kid === undefined) return { ok: false, fault: 'malformed' }
  const key = typeof kid === 'string' ? keys.get(kid) : undefined
  const claimed = judgeClaims(read, expectation)
  if (key === undefined) return { ok: false, fault: 'bad_signature', ...unknownKey(kid, claimed) }
  if (!claimed.ok) return claimed
  const verifySignature = (): VerifiedToken =>
    isSignedBy(key, read) ? claimed : { ok: false, fault: 'bad_signature' }
  return { ok: true, unverified: claimed.claims, verifySignature }
}

/** Verifies an access token (RFC 9068 section 4); its faults are values, never thrown. */
export function verifyAccessToken(
  token: string,
  keys: VerificationKeys,
  expectation: Expectation,
): VerifiedToken {
  const read = readAccessToken(token, keys, expectation)
  return read.ok ? read.verifySignature() : read
}

/** Returns the key id of a token that may be ours, for a lookup of the key. */
function unknownKey(kid: unknown, claimed: VerifiedToken): { readonly unknownKey?: string } {
  return claimed.ok && typeof kid === 'string' && KEY_ID.test(kid) ? { unknownKey: kid } : {}
}
