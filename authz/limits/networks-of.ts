import { countedNetworks, readClientAddress, type CountedNetwork } from '../../core/network/client-address.ts'
import { egressRangeOf, type EgressRange } from '../../core/network/egress-ranges.ts'

/** All requests whose address Envoy does not say count as one. */
const UNKNOWN: readonly CountedNetwork[] = [{ network: 'unknown', shares: 1 }]
/** Many people share an egress range. It is counted all the same: anyone may send a token through it. */
const SHARES_OF_EGRESS_RANGE = 20

/** The networks that a request's unverified credential counts in, by its address as Envoy says it. */
export type NetworksOf = (clientAddress: string | undefined) => readonly CountedNetwork[]

export function networksOf(shared: readonly EgressRange[]): NetworksOf {
  return function countedFor(clientAddress) {
    const address = clientAddress === undefined ? undefined : readClientAddress(clientAddress)
    if (address === undefined) return UNKNOWN
    const range = egressRangeOf(address, shared)
    if (range !== undefined) return [{ network: range.text, shares: SHARES_OF_EGRESS_RANGE }]
    return countedNetworks(address)
  }
}
