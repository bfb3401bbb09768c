import { accessAt } from '../../core/services/granted-access.ts'
import type { Access } from '../../core/sessions/session.ts'
import { allow, type AllowedRequest } from './allow.ts'
import type { Decision } from './decision.ts'
import { toolAccessAt } from './route.ts'

/** The lifetime of an access token: a begun answer is never checked again. */
const MAX_RESPONSE_MS = 3_600_000

export type KeyStatus =
  | {
      readonly kind: 'accepted'
      readonly name: string
    }
  | { readonly kind: 'refused' }
  /** The Registry did not answer, or not in time. */
  | { readonly kind: 'unanswered' }
  /** The Registry was not asked: too many unknown keys from one network, or at once. */
  | { readonly kind: 'not_asked' }

export interface KeyEvidence extends AllowedRequest {
  readonly key: string
  readonly fingerprint: string
  readonly status: KeyStatus
  readonly access: Access
}

/** Decides about a request with an API key. */
export function decideApiKey(evidence: KeyEvidence): Decision {
  const { route, status, fingerprint: client } = evidence
  switch (status.kind) {
    case 'accepted':
      return decideAccepted(evidence, status.name)
    case 'refused':
      return { verdict: 'deny', reason: 'api_key_refused', route, identity: { client } }
    case 'unanswered':
      return { verdict: 'error', reason: 'registry_unavailable', route, identity: { client } }
    case 'not_asked':
      return { verdict: 'error', reason: 'too_many_api_keys', route, identity: { client } }
  }
}

function decideAccepted(evidence: KeyEvidence, subject: string): Decision {
  const { route, key, fingerprint: client } = evidence
  const access = accessAt(route.service, evidence.access)
  const identity = { subject, client, access }
  const toolAccess = toolAccessAt(route, access)
  if (toolAccess === 'read_only') return { verdict: 'deny', reason: 'read_only', route, identity }
  const granted = { identity, source: 'api_key', toolAccess, credential: { token: key } } as const
  return allow(evidence, granted, MAX_RESPONSE_MS)
}
