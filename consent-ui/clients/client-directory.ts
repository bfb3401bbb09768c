import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import type { Audit } from '../../core/audit/audit-entry.ts'
import { RefusalLimit } from '../../core/audit/refusal-limit.ts'
import { fingerprintOf, isBlockedFor, isBlockedId } from '../../core/clients/blocked-clients.ts'
import type { Controls } from '../../core/controls/control-follower.ts'
import { missingKeyOfId } from '../../core/clients/sealed-id.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import type { BeforeFetch, Client, ClientLookup, Clients } from './client.ts'
import { documentUrlFault, isDocumentHost, type ClientHosts } from './document-hosts.ts'
import { DocumentRefused } from './document-refused.ts'
import type { JsonCache } from './json-cache.ts'
import { openClient } from './sealed-client.ts'

export const MAX_CLIENT_ID_CHARACTERS = 2048

export interface DirectoryDependencies {
  readonly ring: KeyRing
  readonly allowedHosts: AllowedHosts
  readonly configured: readonly Client[]
  readonly controls: Pick<Controls, 'blocked'>
  readonly clientHosts: ClientHosts
  readonly documents: JsonCache<Client>
  readonly audit: Audit
  readonly log: Log
  readonly elapsedMs: () => number
}

/** Finds clients that are configured, published as a document, or sealed into their id. */
export function clientDirectory(dependencies: DirectoryDependencies): Clients {
  const limit = new RefusalLimit(dependencies.elapsedMs)
  return {
    async find(clientId, beforeFetch) {
      if (clientId.length > MAX_CLIENT_ID_CHARACTERS) return { ok: false, reason: 'unknown' }
      // First, so that nothing is fetched for a blocked client.
      if (isBlockedId(clientId, dependencies.controls.blocked)) return blocked(clientId)
      const lookup = await lookUp(clientId, beforeFetch)
      const isBlocked = lookup.ok && isBlockedFor(lookup.client.redirectUris, dependencies.controls.blocked)
      return isBlocked ? blocked(clientId) : lookup
    },
  }

  async function lookUp(clientId: string, beforeFetch?: BeforeFetch): Promise<ClientLookup> {
    if (/^https?:/i.test(clientId)) return await published(clientId, beforeFetch)
    const client =
      dependencies.configured.find(({ id }) => id === clientId) ?? openClient(dependencies.ring, clientId)
    return client === undefined ? unknown(clientId) : { ok: true, client }
  }

  async function published(clientId: string, beforeFetch?: BeforeFetch): Promise<ClientLookup> {
    const fault = documentUrlFault(clientId)
    if (fault !== undefined) return { ok: false, reason: 'url_refused', detail: `its URL ${fault}` }
    if (!isDocumentHost(new URL(clientId), dependencies.allowedHosts, dependencies.clientHosts)) {
      return { ok: false, reason: 'host_not_allowed' }
    }
    await beforeFetch?.()
    try {
      return { ok: true, client: await dependencies.documents.get(clientId) }
    } catch (error) {
      const { cause } = error as { cause?: unknown }
      if (!(cause instanceof DocumentRefused)) throw error
      return { ok: false, reason: 'document_refused', detail: cause.message }
    }
  }

  function unknown(clientId: string): ClientLookup {
    const missingKey = missingKeyOfId(dependencies.ring, clientId)
    return { ok: false, reason: 'unknown', ...(missingKey === undefined ? {} : { missingKey }) }
  }

  function blocked(clientId: string): ClientLookup {
    dependencies.log.warn({ fingerprint: fingerprintOf(clientId) }, 'client refused: blocked')
    if (limit.take()) {
      const reason = 'client_blocked'
      const event = { name: 'RequestRefused', isSuccess: false, reason, by: 'client' } as const
      dependencies.audit.record({ ...event, client: { id: clientId }, details: limit.takeOmitted() })
    }
    return { ok: false, reason: 'blocked' }
  }
}
