import { hasKeyShape, keyFingerprint } from '../api-keys/api-key.ts'
import type { ApiKeys } from '../api-keys/key-checks.ts'
import { decideApiKey } from '../decide/decide-api-key.ts'
import type { Decision } from '../decide/decision.ts'
import type { Route } from '../decide/route.ts'
import type { AuthenticateRequest } from '../envoy/check-request.ts'

interface KeyRequest {
  readonly request: AuthenticateRequest
  readonly route: Route
  readonly key: string
  readonly begunMs: number
  readonly maxStreamMs: number
}

export async function judgeApiKey(
  apiKeys: ApiKeys | undefined,
  { request, route, key, begunMs, maxStreamMs }: KeyRequest,
): Promise<Decision> {
  if (apiKeys === undefined) return { verdict: 'deny', reason: 'api_keys_off', route }
  if (!hasKeyShape(key)) return { verdict: 'deny', reason: 'api_key_malformed', route }
  const { checks, access } = apiKeys
  const status = await checks.check(key, { clientAddress: request.clientAddress, begunMs })
  return decideApiKey({
    ...request,
    route,
    maxStreamMs,
    key,
    fingerprint: keyFingerprint(key),
    status,
    access,
  })
}
