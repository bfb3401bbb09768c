import { hasKeyShape, keyFingerprint } from '../api-keys/api-key.ts'
import type { ApiKeys } from '../api-keys/create-api-keys.ts'
import { decideApiKey } from '../decide/decide-api-key.ts'
import type { Decision } from '../decide/decision.ts'
import type { Route } from '../decide/route.ts'
import type { RequestFacts } from '../envoy/check-request.ts'

/** A key that was shown, and the request that came with it. */
interface ShownKey {
  readonly facts: RequestFacts
  readonly route: Route
  readonly key: string
  /** When the request came in, by `elapsedMs`. */
  readonly begunMs: number
  /** How long a stream may last that its client resumes, in milliseconds. */
  readonly longestStreamMs: number
}

/** Whose is this key, and may they pass. */
export async function judgeApiKey(apiKeys: ApiKeys | undefined, shown: ShownKey): Promise<Decision> {
  const { facts, route, key, begunMs } = shown
  if (apiKeys === undefined) return { verdict: 'deny', reason: 'api_keys_off', route }
  if (!hasKeyShape(key)) return { verdict: 'deny', reason: 'api_key_malformed', route }
  const { clientAddress } = facts
  const standing = await apiKeys.checks.standing(key, { clientAddress, begunMs })
  return decideApiKey({
    ...facts,
    ...shown,
    fingerprint: keyFingerprint(key),
    standing,
    access: apiKeys.access,
  })
}
