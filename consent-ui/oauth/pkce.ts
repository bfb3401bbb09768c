import { equalSecrets, sha256 } from '../../core/keys/hash.ts'
import { OAuthError } from './errors.ts'
import type { Parameters } from './parameters.ts'

/** Base64url of a SHA-256 (RFC 7636 section 4.2). */
const CHALLENGE = /^[A-Za-z0-9_-]{43}$/
/** RFC 7636 section 4.1. */
const VERIFIER = /^[A-Za-z0-9._~-]{43,128}$/

/** The challenge must use S256 (OAuth 2.1 section 7.5.2). @throws OAuthError `invalid_request` */
export function readCodeChallenge(parameters: Parameters): string {
  const challenge = parameters.get('code_challenge')
  if (challenge === undefined) throw new OAuthError('invalid_request', 'code_challenge is required (PKCE)')
  if (parameters.get('code_challenge_method') !== 'S256') {
    throw new OAuthError('invalid_request', 'code_challenge_method must be S256')
  }
  if (!CHALLENGE.test(challenge)) {
    throw new OAuthError('invalid_request', 'code_challenge must be the base64url SHA-256 of the verifier')
  }
  return challenge
}

/** True if the verifier matches the challenge (RFC 7636 section 4.6). */
export function verifies(verifier: string, challenge: string): boolean {
  return VERIFIER.test(verifier) && equalSecrets(sha256(verifier), challenge)
}
