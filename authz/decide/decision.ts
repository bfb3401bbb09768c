import type { TokenFault } from '../../core/tokens/access-token.ts'
import type { Access } from '../../core/sessions/session.ts'
import type { Route, ToolAccess } from './route.ts'

/** Why a request is denied. All but `no_service` (404), `read_only` (403) and `stopped` (503) are answered 401. */
export type DenyReason =
  /** The route names no service of ours. */
  | 'no_service'
  /** The operator has stopped the service (CONNECT_STOP). */
  | 'stopped'
  | 'no_credential'
  | 'several_credentials'
  | 'malformed_credential'
  | `token_${TokenFault}`
  | 'client_blocked'
  /** Also when it never existed. */
  | 'session_ended'
  | 'session_expired'
  /** Token and session name different users, clients or services. */
  | 'session_mismatch'
  /** The token's share does not open the session's credential. */
  | 'wrong_share'
  | 'credential_expired'
  | 'person_refused'
  | 'api_keys_off'
  | 'api_key_malformed'
  | 'api_key_refused'
  /** Read access, and the request may change a plain HTTP service or is outside the part open to reading. */
  | 'read_only'

/** Why authz cannot decide; answered 503. */
export type UnavailableReason =
  | 'store_unavailable'
  | 'too_many_new_tokens'
  /** The Registry has not confirmed the user's status for too long, or has not answered about an API key. */
  | 'registry_unavailable'
  | 'too_many_api_keys'
  /** AUDIT_REQUIRED is set, and the audit log cannot take the event. */
  | 'audit_unavailable'
  /** Envoy's deadline passed, or Envoy cancelled the call. */
  | 'too_late'
  /** CONNECT_SEALING_KEYS lacks the key of the session's credential. */
  | 'sealing_key_missing'
  /** CONNECT_PUBLIC_KEYS lacks a key with which consent-ui signs. */
  | 'signing_key_missing'
  /** A tool_access check without the metadata of authenticate. */
  | 'not_authenticated'
  | 'internal'

/** The user and client that a request acts for; nothing here is secret. */
export interface Identity {
  readonly subject?: string
  /** The client id, or the API key's fingerprint. */
  readonly client: string
  readonly access?: Access
}

/** Let the request through, with these changes. */
export interface Allowed {
  readonly verdict: 'allow'
  readonly route: Route
  readonly identity: Required<Identity>
  readonly source: 'session' | 'api_key'
  readonly session?: string
  readonly toolAccess: ToolAccess
  /** The session's Quilt credential, or the API key. */
  readonly credential: { readonly token: string }
  /** Above 0: Envoy takes 0 for no limit. */
  readonly upstreamTimeoutMs: number
  readonly headersToRemove: readonly string[]
}

export interface Denied {
  readonly verdict: 'deny'
  readonly reason: DenyReason
  /** Absent when the request named no service. */
  readonly route?: Route | undefined
  readonly identity?: Identity | undefined
}

export interface Unavailable {
  readonly verdict: 'error'
  readonly reason: UnavailableReason
  readonly route?: Route | undefined
  readonly identity?: Identity | undefined
  readonly cause?: unknown
}

export type Decision = Allowed | Denied | Unavailable

/** False for what anyone can cause without a credential of a user: a made-up API key has a fingerprint too. */
export function namesUser({ identity }: { readonly identity?: Identity | undefined }): boolean {
  return identity?.subject !== undefined
}
