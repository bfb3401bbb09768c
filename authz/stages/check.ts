import type { Unavailable } from '../decide/decision.ts'
import type { Route } from '../decide/route.ts'
import type { CheckRequest } from '../envoy/check-request.ts'
import type { CheckResponse } from '../envoy/check-response.ts'
import { StoreUnavailableError } from '../sessions/session-cache.ts'

/** Never rejects; `signal` is aborted when Envoy no longer waits. */
export type Check = (message: CheckRequest, signal: AbortSignal) => Promise<CheckResponse>

export function failedCheck(cause: unknown, route: Route | undefined): Unavailable {
  const reason = cause instanceof StoreUnavailableError ? 'store_unavailable' : 'internal'
  return { verdict: 'error', reason, route, cause }
}
