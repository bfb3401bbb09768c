import type { AccessTokenClaims, Expectation, TokenFault, VerifiedToken } from './access-token.ts'
import { judgeClaims } from './access-token-claims.ts'
import { isSignedBy, readSignedToken } from './signed-token.ts'
import { KEY_ID } from '../keys/keys.ts'
import type { VerificationKeys } from './verification-keys.ts'

/** What is known of a token before its signature was looked at. */
export type ReadToken =
  | {
      readonly ok: true
      /** What it says, which may be made up. */
      readonly unverified: AccessTokenClaims
      /** Looks at the signature, and gives the claims where it is ours. */
      readonly verifySignature: () => VerifiedToken
    }
  | { readonly ok: false; readonly fault: TokenFault; readonly unknownKey?: string }

/**
 * Everything about an access token that costs little: a forger learns nothing from it that they did not write
 * themselves, and a token that would be refused anyway takes nobody's time for its signature.
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

/** Verifies an access token of our own (RFC 9068 section 4). A token's faults are a value, never thrown. */
export function verifyAccessToken(
  token: string,
  keys: VerificationKeys,
  expectation: Expectation,
): VerifiedToken {
  const read = readAccessToken(token, keys, expectation)
  return read.ok ? read.verifySignature() : read
}

/** Only what may be an id of ours, in a token that may be ours, is worth a look whose key it is. */
function unknownKey(kid: unknown, claimed: VerifiedToken): { readonly unknownKey?: string } {
  return claimed.ok && typeof kid === 'string' && KEY_ID.test(kid) ? { unknownKey: kid } : {}
}
