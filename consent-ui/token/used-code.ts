import { CODE_RESENT_SECONDS } from '../lifetimes.ts'
import type { UsedCode } from '../store/code-store.ts'
import type { GrantParts } from './token-response.ts'

/**
 * A used code is shown again by whoever has its client's name and its verifier (RFC 6749 section 4.1.2): what the
 * first use opened is ended, since nobody can tell which of the two was its owner. Not for an answer that was lost.
 */
export function usedCode({ sessions, ender, alarms, now }: GrantParts) {
  return async function answerReplay({ approval, usedAt }: UsedCode): Promise<void> {
    if (now() - usedAt <= CODE_RESENT_SECONDS) return
    if ((await sessions.find(approval.sessionId)) === undefined) return
    await ender.end(approval.sessionId)
    alarms.raise('code', approval)
  }
}
