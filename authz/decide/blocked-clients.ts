import { isBlockedFor, isBlockedId, type BlockedClients } from '../../core/clients/blocked-clients.ts'
import { redirectUrisOfId } from '../../core/clients/sealed-id.ts'
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
    const isBlocked = isBlockedSession(session)
    results.set(session, isBlocked)
    return isBlocked
  }

  function isBlockedSession({ clientId, redirectUri }: SessionFacts): boolean {
    const redirectUris = [
      ...redirectUrisOfId(ring, clientId),
      ...(redirectUri === undefined ? [] : [redirectUri]),
    ]
    return isBlockedId(clientId, blocked) || isBlockedFor(redirectUris, blocked)
  }
}
