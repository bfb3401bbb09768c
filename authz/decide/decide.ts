import type { AccessTokenClaims } from '../../core/tokens/access-token.ts'
import { accessAt } from '../../core/services/granted-access.ts'
import { accessOf, type QuiltCredential, type SessionFacts } from '../../core/sessions/session.ts'
import type { Decision, DenyReason, Party, TroubleReason } from './decision.ts'
import { headersToRemove } from './identity-headers.ts'
import { replayHeaderToRemove } from './replay-header.ts'
import type { Route } from './route.ts'
import { longestAnswerMs, type AskedFor } from './longest-answer.ts'
import { toolAccess, type ToolAccess } from './tool-access.ts'

/** What became of opening the session's credential with the token's share. */
export type Opened =
  | { readonly outcome: 'opened'; readonly credential: QuiltCredential }
  | { readonly outcome: 'wrong_share' }
  | { readonly outcome: 'key_missing' }

/** All that a decision rests on. */
export interface Evidence extends AskedFor {
  readonly route: Route
  /** What the service's tokens carry as `aud`. */
  readonly audience: string
  readonly headerNames: readonly string[]
  /** Of a token that was verified for this audience. */
  readonly claims: AccessTokenClaims
  readonly session: SessionFacts
  /** The operator does not let the session's client in any more. */
  readonly isBlockedClient: boolean
  readonly opened: Opened
  /** Milliseconds since 1970. */
  readonly nowMs: number
}

/** Decides about a request whose token is genuine and whose session is in the store. */
export function decide(evidence: Evidence): Decision {
  const { route, opened, nowMs } = evidence
  const party = partyOf(evidence)
  const deny = (reason: DenyReason): Decision => ({ verdict: 'deny', reason, route, party })
  const fail = (reason: TroubleReason): Decision => ({ verdict: 'error', reason, route, party })

  const fault = sessionFault(evidence)
  if (fault !== undefined) return deny(fault)
  if (evidence.isBlockedClient) return deny('client_blocked')
  // Every token of every session sealed under that key would fail, and a 401 would log all of them out.
  if (opened.outcome === 'key_missing') return fail('sealing_key_missing')
  // The key is ours and the token genuine, so this one session was damaged: a new one is the only cure, and a
  // 401 is what makes a client get one.
  if (opened.outcome === 'wrong_share') return deny('wrong_share')
  if (!isAhead(opened.credential.expiresAt, nowMs)) return deny('credential_expired')
  const asked = toolAccess(route, party.access)
  if (asked === 'read_only') return deny('read_only')
  return allow(evidence, opened.credential, asked)
}

function allow(evidence: Evidence, credential: QuiltCredential, asked: ToolAccess): Decision {
  const { route, claims, session, nowMs } = evidence
  const end = Math.min(claims.exp, session.expiresAt, credential.expiresAt)
  // A whole number above 0: Envoy takes 0 for no limit, and passes over what is no number.
  const lifeMs = Math.ceil(end * 1000 - nowMs)
  return {
    verdict: 'allow',
    route,
    party: partyOf(evidence),
    source: 'session',
    session: session.id,
    toolAccess: asked,
    credential,
    longestMs: longestAnswerMs(evidence, lifeMs),
    headersToRemove: [...headersToRemove(evidence.headerNames), ...replayHeaderToRemove(evidence, asked)],
  }
}

function partyOf({ route, claims, session }: Evidence): Required<Party> {
  return { subject: claims.sub, client: claims.client_id, access: accessAt(route.service, accessOf(session)) }
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
