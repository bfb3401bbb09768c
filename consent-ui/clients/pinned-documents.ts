import { KNOWN_APPLICATIONS } from '../../core/clients/known-applications.ts'

const DOCUMENTS = KNOWN_APPLICATIONS.flatMap(({ document }) => document ?? [])

/**
 * Default of `CONNECT_CLIENT_HOSTS`: the vendors' own hosts, and single documents at hosts where others publish too.
 */
export const DEFAULT_CLIENT_HOSTS = [
  ...new Set(
    DOCUMENTS.filter(({ isVendorHost }) => isVendorHost).map(({ client_id: id }) => new URL(id).host),
  ),
  ...DOCUMENTS.filter(({ isVendorHost }) => !isVendorHost).map(({ client_id: id }) => id),
].join(',')

/**
 * The stored copy of a known application's document. It is served when the document cannot be fetched: some hosts
 * refuse cloud addresses (Claude), and some servers have no outbound network.
 */
export function pinnedDocument(url: string): unknown {
  return DOCUMENTS.find(({ client_id: id }) => id === url)
}
