import type { AllowedHosts } from '../../core/clients/allowed-hosts.ts'
import { missingKeyOfId } from '../../core/clients/sealed-id.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
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
  readonly clientHosts: ClientHosts
  readonly documents: JsonCache<Client>
}

/** Finds clients that are configured, published as a document, or sealed into their id, blocked or not. */
export function clientDirectory(dependencies: DirectoryDependencies): Clients {
  return {
    async find(clientId, beforeFetch) {
      if (clientId.length > MAX_CLIENT_ID_CHARACTERS) return { ok: false, reason: 'unknown' }
      return await lookUp(clientId, beforeFetch)
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
}
