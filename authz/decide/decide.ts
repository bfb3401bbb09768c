import type { AccessTokenClaims } from '../../core/tokens/access-token.ts'
import { accessAt } from '../../core/services/granted-access.ts'
import { accessOf, type QuiltCredential, type SessionFacts } from '../../core/sessions/session.ts'
import { allow, type AllowedRequest } from './allow.ts'
import type { Decision, DenyReason, Identity, UnavailableReason } from './decision.ts'
import { toolAccessAt } from './route.ts'

export type OpenedCredential =
  | { readonly outcome: 'opened'; readonly credential: QuiltCredential }
  | { readonly outcome: 'wrong_share' }
  | { readonly outcome: 'key_missing' }

export interface SessionEvidence extends AllowedRequest {
  readonly audience: string
  /** Of a token verified for this audience. */
  readonly claims: AccessTokenClaims
  readonly session: SessionFacts
  readonly isBlockedClient: boolean
  readonly opened: OpenedCredential
  readonly nowMs: number
}

/** Decides about a request whose token is genuine and whose session is in the store. */
export function decide(evidence: SessionEvidence): Decision {
  const { route, claims, session, opened, nowMs } = evidence
  const identity = identityOf(evidence)
  const deny = (reason: DenyReason): Decision => ({ verdict: 'deny', reason, route, identity })
  const fail = (reason: UnavailableReason): Decision => ({ verdict: 'error', reason, route, identity })

  const fault = sessionFault(evidence)
  if (fault !== undefined) return deny(fault)
  if (evidence.isBlockedClient) return deny('client_blocked')
  // Not 401: it would sign out every user whose session is sealed under the missing key.
  if (opened.outcome === 'key_missing') return fail('sealing_key_missing')
  // Only this session is damaged: a 401 makes the client get a new one.
  if (opened.outcome === 'wrong_share') return deny('wrong_share')
  const { credential } = opened
  if (!isInFuture(credential.expiresAt, nowMs)) return deny('credential_expired')
  const toolAccess = toolAccessAt(route, identity.access)
  if (toolAccess === 'read_only') return deny('read_only')
  const end = Math.min(claims.exp, session.expiresAt, credential.expiresAt)
  // Envoy ignores a timeout that is not a whole number.
  const lifeMs = Math.ceil(end * 1000 - nowMs)
  return allow(evidence, { identity, source: 'session', session: session.id, toolAccess, credential }, lifeMs)
}

function identityOf({ route, claims, session }: SessionEvidence): Required<Identity> {
  return { subject: claims.sub, client: claims.client_id, access: accessAt(route.service, accessOf(session)) }
}

function sessionFault({ audience, claims, session, nowMs }: SessionEvidence): DenyReason | undefined {
  const fits =
    session.id === claims.sid &&
    session.clientId === claims.client_id &&
    session.person.name === claims.sub &&
    session.resource === audience
  if (!fits) return 'session_mismatch'
  if (!isInFuture(session.expiresAt, nowMs)) return 'session_expired'
  // Again: loading the session may have taken a while.
  if (!isInFuture(claims.exp, nowMs)) return 'token_expired'
  return undefined
}

/** False for NaN too. */
function isInFuture(seconds: number, nowMs: number): boolean {
  return seconds * 1000 > nowMs
}
