import { KNOWN_APPLICATIONS } from '../../core/clients/known-applications.ts'

const DOCUMENTS = KNOWN_APPLICATIONS.flatMap(({ document }) => document ?? [])

/** Default of `CONNECT_CLIENT_HOSTS`: the vendors' own hosts, and single documents at hosts that others share. */
export const DEFAULT_CLIENT_HOSTS = [
  ...new Set(
    DOCUMENTS.filter(({ isVendorHost }) => isVendorHost).map(({ client_id: id }) => new URL(id).host),
  ),
  ...DOCUMENTS.filter(({ isVendorHost }) => !isVendorHost).map(({ client_id: id }) => id),
].join(',')

/** Stored copy of a known document, for when it cannot be fetched: some hosts refuse cloud addresses (Claude). */
export function pinnedDocument(url: string): unknown {
  return DOCUMENTS.find(({ client_id: id }) => id === url)
}
