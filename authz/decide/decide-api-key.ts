import { accessAt } from '../../core/services/granted-access.ts'
import type { Access } from '../../core/sessions/session.ts'
import type { Decision } from './decision.ts'
import { headersToRemove } from './identity-headers.ts'
import { replayHeaderToRemove } from './replay-header.ts'
import { longestAnswerMs, type AskedFor } from './longest-answer.ts'
import { toolAccess } from './tool-access.ts'

/** As long as an access token lives: nobody can be asked again about an answer that has begun. */
const LONGEST_ANSWER_MS = 3_600_000

/** What is known of an API key in time. */
export type KeyStanding =
  | {
      readonly kind: 'accepted'
      /** Whose it is: the Quilt user name. */
      readonly name: string
    }
  | { readonly kind: 'refused' }
  /** The Registry has not said, or not in time. */
  | { readonly kind: 'unanswered' }
  /** The Registry was not asked: too many keys that nobody knows came from there, or at once. */
  | { readonly kind: 'not_asked' }

/** All that a decision about an API key rests on. */
export interface KeyEvidence extends AskedFor {
  readonly headerNames: readonly string[]
  readonly key: string
  readonly fingerprint: string
  readonly standing: KeyStanding
  /** What the operator lets API keys do. */
  readonly access: Access
}

/** Decides about a request with an API key, which Quilt gave its person and no consent page narrowed. */
export function decideApiKey(evidence: KeyEvidence): Decision {
  const { route, standing, fingerprint: client } = evidence
  switch (standing.kind) {
    case 'accepted':
      return allow(evidence, standing.name)
    case 'refused':
      return { verdict: 'deny', reason: 'api_key_refused', route, party: { client } }
    case 'unanswered':
      return { verdict: 'error', reason: 'registry_unavailable', route, party: { client } }
    case 'not_asked':
      return { verdict: 'error', reason: 'too_many_api_keys', route, party: { client } }
  }
}

function allow(evidence: KeyEvidence, subject: string): Decision {
  const { route } = evidence
  const access = accessAt(route.service, evidence.access)
  const party = { subject, client: evidence.fingerprint, access }
  const asked = toolAccess(route, access)
  if (asked === 'read_only') return { verdict: 'deny', reason: 'read_only', route, party }
  return {
    verdict: 'allow',
    route,
    party,
    source: 'api_key',
    toolAccess: asked,
    credential: { token: evidence.key },
    longestMs: longestAnswerMs(evidence, LONGEST_ANSWER_MS),
    headersToRemove: [...headersToRemove(evidence.headerNames), ...replayHeaderToRemove(evidence, asked)],
  }
}
