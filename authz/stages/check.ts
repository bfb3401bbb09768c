import type { Controls } from '../../core/controls/control-follower.ts'
import { describeError } from '../../core/log/describe-error.ts'
import { annotateSpan } from '../../core/tracing/span.ts'
import type { Decision, Unavailable } from '../decide/decision.ts'
import type { Route } from '../decide/route.ts'
import type { ToolDecision } from '../decide/tool-decision.ts'
import type { CheckRequest } from '../envoy/check-request.ts'
import type { CheckResponse } from '../envoy/check-response.ts'
import type { Caller } from '../limits/caller.ts'
import { withTimeout } from '../limits/with-timeout.ts'
import { StoreUnavailableError } from '../sessions/session-cache.ts'

/** Envoy waits 500 ms (envoy.yaml). */
const CONTROLS_TIMEOUT_MS = 300

/** Never rejects. */
export type Check = (message: CheckRequest, caller: Caller) => Promise<CheckResponse>

export function failedCheck(cause: unknown, route: Route | undefined): Unavailable {
  const reason = cause instanceof StoreUnavailableError ? 'store_unavailable' : 'internal'
  return { verdict: 'error', reason, route, cause }
}

/** Asks core's {@link Controls}, in time for Envoy. @throws StoreUnavailableError */
export async function isStoppedNow(controls: Controls, { service }: Route): Promise<boolean> {
  const stopped = controls.isStoppedNow(service.name)
  if (typeof stopped === 'boolean') return stopped
  try {
    return await withTimeout(CONTROLS_TIMEOUT_MS, stopped)
  } catch (error) {
    throw new StoreUnavailableError(describeError(error))
  }
}

/** Adds a decision to the span of its check. */
export function annotateCheck(decision: Decision | ToolDecision): void {
  annotateSpan(() => ({
    'connect.verdict': decision.verdict,
    ...(decision.route === undefined ? {} : { 'connect.service': decision.route.service.name }),
    ...('reason' in decision ? { 'connect.reason': decision.reason } : {}),
  }))
}
