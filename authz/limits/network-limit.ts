import { LRUCache } from 'lru-cache'
import { countedNetworks, readClientAddress, type CountedNetwork } from '../../core/network/client-address.ts'
import { egressRangeOf, type EgressRange } from '../../core/network/egress-ranges.ts'
import { TokenBucket } from './token-bucket.ts'

/** Per address: the users of an office start their clients in the same minute. */
const MAX_AT_ONCE = 50
const PER_SECOND = 5
/** About 200 bytes each. A forgotten network starts again with a full bucket. */
const MAX_NETWORKS = 10_000

/** Requests without an address share one bucket. */
const UNKNOWN: readonly CountedNetwork[] = [{ network: 'unknown', shares: 1 }]
/** Many users share an egress range, but an attacker can send through it too. */
const SHARES_OF_EGRESS_RANGE = 20

/** The networks in which a request's unverified credential counts, by the address that Envoy reports. */
export type NetworksOf = (clientAddress: string | undefined) => readonly CountedNetwork[]

/** @param shared - egress ranges of services that send for many users */
export function networksOf(shared: readonly EgressRange[]): NetworksOf {
  return function countedFor(clientAddress) {
    const address = clientAddress === undefined ? undefined : readClientAddress(clientAddress)
    if (address === undefined) return UNKNOWN
    const range = egressRangeOf(address, shared)
    if (range !== undefined) return [{ network: range.text, shares: SHARES_OF_EGRESS_RANGE }]
    return countedNetworks(address)
  }
}

/** Rate limit of unverified credentials per network. Valid credentials are refunded, so only forged ones count. */
export class NetworkLimit {
  readonly #buckets = new LRUCache<string, TokenBucket>({ max: MAX_NETWORKS })
  readonly #elapsedMs: () => number

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  /** Takes nothing when one of the networks has no token left. */
  take(networks: readonly CountedNetwork[]): boolean {
    const buckets = networks.map((network) => [network.network, this.#bucketOf(network)] as const)
    if (buckets.some(([, { left }]) => left < 1)) return false
    for (const [network, bucket] of buckets) {
      bucket.take()
      this.#buckets.set(network, bucket)
    }
    return true
  }

  refund(networks: readonly CountedNetwork[]): void {
    for (const { network } of networks) this.#buckets.get(network)?.refund()
  }

  /** Does not store a new bucket: refused requests must not evict the buckets of other networks. */
  #bucketOf({ network, shares }: CountedNetwork): TokenBucket {
    const size = { max: MAX_AT_ONCE * shares, perSecond: PER_SECOND * shares }
    return this.#buckets.get(network) ?? new TokenBucket(size, this.#elapsedMs)
  }
}
