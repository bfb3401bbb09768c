import type { Caller } from './caller.ts'
import type { Trouble } from '../decide/decision.ts'
import type { Route } from '../decide/route.ts'
import { StoreUnavailableError } from '../sessions/session-cache.ts'
import type { CheckResponse } from '../envoy/check-response.ts'

/** One question of Envoy's: what decides it, and what makes an answer of a decision. */
interface Asked<Decision> {
  readonly route: Route | undefined
  readonly caller: Caller
  readonly judge: () => Promise<Decision>
  readonly reply: (decision: Decision | Trouble) => CheckResponse
}

/** The answer; trouble of our own where judging or answering threw, or where nobody waits for it any more. */
export async function answer<Decision>({
  route,
  caller,
  judge,
  reply,
}: Asked<Decision>): Promise<CheckResponse> {
  try {
    const decision = await judge()
    return reply(caller.ended ? { verdict: 'error', reason: 'too_late', route } : decision)
  } catch (cause) {
    const reason = cause instanceof StoreUnavailableError ? 'store_unavailable' : 'internal'
    return reply({ verdict: 'error', reason, route, cause })
  }
}
