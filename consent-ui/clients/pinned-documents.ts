import { KNOWN_APPLICATIONS } from '../../core/clients/known-applications.ts'

const DOCUMENTS = KNOWN_APPLICATIONS.flatMap(({ document }) => document ?? [])

/**
 * Default of `CONNECT_CLIENT_HOSTS`: the vendors' own hosts, and single documents at hosts where others publish too.
 */
export const DEFAULT_CLIENT_HOSTS = [
  ...new Set(DOCUMENTS.map(({ client_id: id, isVendorHost }) => (isVendorHost ? new URL(id).host : id))),
].join(',')

/**
 * The stored copy of a known application's document. It is served when the document cannot be fetched: some hosts
 * refuse cloud addresses (Claude), and some servers have no outbound network.
 */
export function pinnedDocument(url: string): unknown {
  return DOCUMENTS.find(({ client_id: id }) => id === url)
}
