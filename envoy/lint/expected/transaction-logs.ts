import { isDeepStrictEqual } from 'node:util'
import type { ConfigNode } from '../config/config-node.ts'

/** Where the pages of an authorization transaction are: `/connect/authorize/<id>`. */
const PATH = { name: ':path', string_match: { prefix: '/connect/authorize/' } }

/** True for an access log of the requests for a transaction's page, and no others. */
export function isOfTransactions(log: ConfigNode): boolean {
  return isDeepStrictEqual(log.at('filter').value, { header_filter: { header: PATH } })
}

/** True for an access log of all other requests. */
export function isOfOthers(log: ConfigNode): boolean {
  return isDeepStrictEqual(log.at('filter').value, {
    header_filter: { header: { ...PATH, invert_match: true, treat_missing_header_as_empty: true } },
  })
}
