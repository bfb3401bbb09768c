import type { TokenFault } from '../../core/tokens/access-token.ts'
import type { Access } from '../../core/sessions/session.ts'
import type { Route } from './route.ts'
import type { ToolAccess } from './tool-access.ts'

/** Why a request may not pass. All but the first and the last are answered 401; what a caller is told is duller than this. */
export type DenyReason =
  /** The route names no service of ours. */
  | 'no_service'
  | 'no_credential'
  | 'several_credentials'
  | 'malformed_credential'
  | `token_${TokenFault}`
  /** The operator blocked the client (CONNECT_BLOCKED_CLIENTS). */
  | 'client_blocked'
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
  /** The operator takes no API keys (API_KEYS). */
  | 'api_keys_off'
  | 'api_key_malformed'
  /** The Registry knows no such key, or none of a person who may use Quilt. */
  | 'api_key_refused'
  /** Read access to a plain HTTP service: this is no looking, or at a part that is not opened to it. */
  | 'read_only'

/** Why we could not tell: our own trouble, answered 503. */
export type TroubleReason =
  | 'store_unavailable'
  /** Too many tokens that nobody has shown yet: this one is not verified now. */
  | 'too_many_new_tokens'
  /** The Registry has not said for too long whether the person may still use Quilt, or not yet whose a key is. */
  | 'registry_unavailable'
  /** Too many API keys that nobody knows yet: the Registry is not asked about this one now. */
  | 'too_many_api_keys'
  /** The caller's deadline passed, or it went away. */
  | 'too_late'
  /** The session's credential is sealed under a key that we were not given. */
  | 'sealing_key_missing'
  /** The token is signed with a key of consent-ui's that we were not given. */
  | 'signing_key_missing'
  /** The second check was asked, and the first had not said who asks. */
  | 'not_authenticated'
  | 'internal'

/** Who the request turned out to act for, as far as it is known; nothing here is secret. */
export interface Party {
  /** The Quilt user name. */
  readonly subject?: string
  /** A client's id, or an API key's fingerprint. */
  readonly client: string
  readonly access?: Access
}

/** Everything that the service's request gets, and loses, on the way. */
export interface Allowed {
  readonly verdict: 'allow'
  readonly route: Route
  readonly party: Required<Party>
  /** What was shown, and is good. */
  readonly source: 'session' | 'api_key'
  /** The session's id; absent for an API key. */
  readonly session?: string
  readonly toolAccess: ToolAccess
  /** What the service is shown: the session's Quilt credential, or the API key as it came. */
  readonly credential: { readonly token: string }
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
