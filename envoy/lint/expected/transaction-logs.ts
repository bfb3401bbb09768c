import { isDeepStrictEqual } from 'node:util'
import type { ConfigNode } from '../config/config-node.ts'

/** The pages of an authorization transaction: `/connect/authorize/<id>`. */
const PATH = { name: ':path', string_match: { prefix: '/connect/authorize/' } }

/** True for an access log of only the requests for a transaction's page. */
export function isOfTransactions(log: ConfigNode): boolean {
  return isDeepStrictEqual(log.at('filter').value, { header_filter: { header: PATH } })
}

/** True for an access log of all other requests. */
export function isOfOthers(log: ConfigNode): boolean {
  return isDeepStrictEqual(log.at('filter').value, {
    header_filter: { header: { ...PATH, invert_match: true, treat_missing_header_as_empty: true } },
  })
}
