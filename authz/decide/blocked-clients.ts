import { isBlockedFor, isBlockedId, type BlockedClients } from '../../core/clients/blocked-clients.ts'
import { redirectUrisOfId } from '../../core/clients/sealed-id.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { SessionFacts } from '../../core/sessions/session.ts'

/** Whether the operator blocked the client of a session. */
export type IsBlockedClient = (session: SessionFacts) => boolean

/**
 * Finds out once for each session in memory, as a hash and an unsealing cost more than the rest of a warm check: a
 * block is the process's configuration, and changes with a restart alone.
 *
 * @param ring - opens ids that hold a registration, for all the places that the client's answers may go to
 */
export function createClientBlock(blocked: BlockedClients, ring: KeyRing): IsBlockedClient {
  if (blocked.fingerprints.size === 0 && blocked.hosts.length === 0) return () => false
  const known = new WeakMap<SessionFacts, boolean>()
  return (session) => {
    const remembered = known.get(session)
    if (remembered !== undefined) return remembered
    const isBlocked = isBlockedSession(session)
    known.set(session, isBlocked)
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
