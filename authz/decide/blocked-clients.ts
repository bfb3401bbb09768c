import { isBlockedSession, type BlockedClients } from '../../core/clients/blocked-clients.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { SessionFacts } from '../../core/sessions/session.ts'

export type IsBlockedClient = (session: SessionFacts) => boolean

/**
 * Checks for blocked clients. Results are cached per session until the list changes.
 *
 * @param controls - `blocked` is another object after each change
 * @param ring - opens client ids that contain their registration, to read all redirect URIs
 */
export function createClientBlock(
  controls: { readonly blocked: BlockedClients },
  ring: KeyRing,
): IsBlockedClient {
  let { blocked } = controls
  let results = new WeakMap<SessionFacts, boolean>()
  return (session) => {
    if (controls.blocked !== blocked) {
      blocked = controls.blocked
      results = new WeakMap()
    }
    if (blocked.fingerprints.size === 0 && blocked.hosts.length === 0) return false
    const cached = results.get(session)
    if (cached !== undefined) return cached
    const isBlocked = isBlockedSession(session, { blocked, ring })
    results.set(session, isBlocked)
    return isBlocked
  }
}
