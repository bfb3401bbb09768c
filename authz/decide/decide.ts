import type { AccessTokenClaims } from '../../core/access-token.ts'
import type { QuiltCredential, Session } from '../../core/session.ts'
import type { Decision, DenyReason, Party, TroubleReason } from './decision.ts'
import { headersToRemove } from './identity-headers.ts'
import type { Route } from './route.ts'

/** MCP 2026-07-28: a POST that is answered with the stream which a GET opened before. */
const SUBSCRIPTION = 'subscriptions/listen'

/** What became of opening the session's credential with the token's share. */
export type Opened =
  | { readonly outcome: 'opened'; readonly credential: QuiltCredential }
  | { readonly outcome: 'wrong_share' }
  | { readonly outcome: 'key_missing' }

/** All that a decision rests on. */
export interface Evidence {
  readonly route: Route
  /** What the service's tokens carry as `aud`. */
  readonly audience: string
  readonly method: string
  /** What the Mcp-Method headers say; a service refuses those that its message contradicts. */
  readonly mcpMethods: readonly string[]
  readonly headerNames: readonly string[]
  /** Of a token that was verified for this audience. */
  readonly claims: AccessTokenClaims
  readonly session: Session
  readonly opened: Opened
  /** How long a stream may last that its client resumes, in milliseconds. */
  readonly longestStreamMs: number
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

/** Decides about a request whose token is genuine and whose session is in the store. */
export function decide(evidence: Evidence): Decision {
  const { route, session, opened, nowMs } = evidence
  const party = partyOf(evidence)
  const deny = (reason: DenyReason): Decision => ({ verdict: 'deny', reason, route, party })
  const fail = (reason: TroubleReason): Decision => ({ verdict: 'error', reason, route, party })

  const fault = sessionFault(evidence)
  if (fault !== undefined) return deny(fault)
  // Nobody is given less than full access yet. Should a newer consent-ui do so, this authz cannot hold it to that.
  if (session.access !== 'full') return fail('access_not_enforced')
  // Every token of every session sealed under that key would fail, and a 401 would log all of them out.
  if (opened.outcome === 'key_missing') return fail('sealing_key_missing')
  // The key is ours and the token genuine, so this one session was damaged: a new one is the only cure, and a
  // 401 is what makes a client get one.
  if (opened.outcome === 'wrong_share') return deny('wrong_share')
  if (!isAhead(opened.credential.expiresAt, nowMs)) return deny('credential_expired')
  return allow(evidence, opened.credential)
}

function allow(evidence: Evidence, credential: QuiltCredential): Decision {
  const { route, claims, session, nowMs } = evidence
  const end = Math.min(claims.exp, session.expiresAt, credential.expiresAt)
  // A whole number above 0: Envoy takes 0 for no limit, and passes over what is no number.
  const lifeMs = Math.ceil(end * 1000 - nowMs)
  return {
    verdict: 'allow',
    route,
    party: partyOf(evidence),
    credential,
    longestMs: isStream(evidence) ? Math.min(lifeMs, evidence.longestStreamMs) : lifeMs,
    headersToRemove: headersToRemove(evidence.headerNames),
  }
}

/**
 * Whether the answer is a stream without an end of its own, which nobody can be asked about again once it is open.
 * Clients resume it, so it may be cut: that bounds how long a revoked session goes on streaming.
 */
function isStream({ method, mcpMethods }: Evidence): boolean {
  return method === 'GET' || mcpMethods.some((names) => names.includes(SUBSCRIPTION))
}

function partyOf({ claims, session }: Evidence): Party {
  return { subject: claims.sub, client: claims.client_id, access: session.access }
}

function sessionFault({ audience, claims, session, nowMs }: Evidence): DenyReason | undefined {
  const fits =
    session.id === claims.sid &&
    session.clientId === claims.client_id &&
    session.person.name === claims.sub &&
    session.resource === audience
  if (!fits) return 'session_mismatch'
  if (!isAhead(session.expiresAt, nowMs)) return 'session_expired'
  // Once more: the session may have taken a while to load.
  if (!isAhead(claims.exp, nowMs)) return 'token_expired'
  return undefined
}

/** False too for what is no time at all. */
function isAhead(seconds: number, nowMs: number): boolean {
  return seconds * 1000 > nowMs
}
