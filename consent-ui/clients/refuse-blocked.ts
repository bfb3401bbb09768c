import type { Audit } from '../../core/audit/audit-entry.ts'
import { RefusalLimit } from '../../core/audit/refusal-limit.ts'
import { fingerprintOf, isBlockedFor, isBlockedId } from '../../core/clients/blocked-clients.ts'
import type { Controls } from '../../core/controls/control-follower.ts'
import type { Log } from '../../core/log/log.ts'
import { MAX_CLIENT_ID_CHARACTERS } from './client-directory.ts'
import type { ClientLookup, Clients } from './client.ts'

interface RefuseBlockedDependencies {
  readonly controls: Pick<Controls, 'blocked'>
  readonly audit: Audit
  readonly log: Log
  readonly elapsedMs: () => number
}

/** The same clients without those that the operator or an administrator has blocked. */
export function refuseBlocked(
  clients: Clients,
  { controls, audit, log, elapsedMs }: RefuseBlockedDependencies,
): Clients {
  const limit = new RefusalLimit(elapsedMs)
  return {
    async find(clientId, beforeFetch) {
      // First, so that nothing is fetched for a blocked client.
      const isShort = clientId.length <= MAX_CLIENT_ID_CHARACTERS
      if (isShort && isBlockedId(clientId, controls.blocked)) return blocked(clientId)
      const lookup = await clients.find(clientId, beforeFetch)
      const isBlocked = lookup.ok && isBlockedFor(lookup.client.redirectUris, controls.blocked)
      return isBlocked ? blocked(clientId) : lookup
    },
  }

  function blocked(clientId: string): ClientLookup {
    log.warn({ fingerprint: fingerprintOf(clientId) }, 'client refused: blocked')
    if (limit.take()) {
      const reason = 'client_blocked'
      const event = { name: 'RequestRefused', isSuccess: false, reason, by: 'client' } as const
      audit.record({ ...event, client: { id: clientId }, details: limit.takeOmitted() })
    }
    return { ok: false, reason: 'blocked' }
  }
}
