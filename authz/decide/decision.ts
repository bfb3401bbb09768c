import type { TokenFault } from '../../core/access-token.ts'
import type { Access, QuiltCredential } from '../../core/session.ts'
import type { Route } from './route.ts'

/** Why a request may not pass. All but the first are answered 401; what a caller is told is duller than this. */
export type DenyReason =
  /** The route names no service of ours. */
  | 'no_service'
  | 'no_credential'
  | 'several_credentials'
  | 'malformed_credential'
  | `token_${TokenFault}`
  /** Ended, or never was. */
  | 'session_ended'
  | 'session_expired'
  /** Token and session name different people, clients or services. */
  | 'session_mismatch'
  /** The token's share does not open the session's credential. */
  | 'wrong_share'
  | 'credential_expired'
  /** The Registry says that the person may not use Quilt, or not with this credential. */
  | 'person_refused'

/** Why we could not tell: our own trouble, answered 503. */
export type TroubleReason =
  | 'store_unavailable'
  /** The Registry has not said for too long whether the person may still use Quilt. */
  | 'registry_unavailable'
  /** The caller's deadline passed, or it went away. */
  | 'too_late'
  /** The session's credential is sealed under a key that we were not given. */
  | 'sealing_key_missing'
  /** The session's access is narrower than what is enforced here. */
  | 'access_not_enforced'
  | 'internal'

/** Who the request turned out to act for, as far as it is known; nothing here is secret. */
export interface Party {
  readonly subject: string
  readonly client: string
  readonly access?: Access
}

/** Everything that the service's request gets, and loses, on the way. */
export interface Allowed {
  readonly verdict: 'allow'
  readonly route: Route
  readonly party: Party
  readonly credential: QuiltCredential
  /** However long the answer streams, it is cut off then; more than 0 milliseconds. */
  readonly longestMs: number
  readonly headersToRemove: readonly string[]
}

export interface Denied {
  readonly verdict: 'deny'
  readonly reason: DenyReason
  /** Absent when no service was named. */
  readonly route?: Route | undefined
  readonly party?: Party | undefined
}

export interface Trouble {
  readonly verdict: 'error'
  readonly reason: TroubleReason
  readonly route?: Route | undefined
  readonly party?: Party | undefined
  /** What was thrown, for the log. */
  readonly cause?: unknown
}

/** What authz answers, and the one reason that it was refused for. */
export type Decision = Allowed | Denied | Trouble
