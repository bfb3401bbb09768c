import type { DenyReason } from '../decide/decision.ts'

export type Refusal =
  | { readonly kind: 'not_found' }
  | { readonly kind: 'stopped' }
  /** The user is known, but the request needs more access than was granted. */
  | { readonly kind: 'forbidden'; readonly description: string }
  /** RFC 6750 section 3; no description and no error when the request had no credential. */
  | { readonly kind: 'challenge'; readonly description?: string }

const NOT_FOUND: Refusal = { kind: 'not_found' }
const UNAUTHENTICATED: Refusal = { kind: 'challenge' }
// Clients search for scope=, error= and resource_metadata= with regular expressions: no description may contain them.
const EXPIRED: Refusal = { kind: 'challenge', description: 'The access token has expired' }
const INVALID: Refusal = { kind: 'challenge', description: 'The access token is not valid' }

const READ_ONLY: Refusal = { kind: 'forbidden', description: 'This application has read-only access.' }

/** The answer for each reason; clients learn less than the log. */
export const REFUSALS: Readonly<Record<DenyReason, Refusal>> = {
  no_service: NOT_FOUND,
  stopped: { kind: 'stopped' },
  no_credential: UNAUTHENTICATED,
  several_credentials: INVALID,
  malformed_credential: INVALID,
  token_malformed: INVALID,
  token_bad_signature: INVALID,
  token_wrong_issuer: INVALID,
  token_wrong_audience: INVALID,
  token_expired: EXPIRED,
  client_blocked: INVALID,
  session_ended: INVALID,
  session_expired: EXPIRED,
  session_mismatch: INVALID,
  wrong_share: INVALID,
  credential_expired: EXPIRED,
  person_refused: INVALID,
  api_keys_off: INVALID,
  api_key_malformed: INVALID,
  api_key_refused: INVALID,
  read_only: READ_ONLY,
}
