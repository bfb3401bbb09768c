import type { CountedNetwork } from '../../core/network/client-address.ts'
import { LruMap } from './lru-map.ts'

/** Of one address at once: an office's people start their clients in the same minute. */
const MAX_AT_ONCE = 50
/** More each second after that. */
const MORE_EACH_SECOND = 5
/** About 200 bytes each. One that was forgotten begins anew, within what is looked into for all together. */
const MAX_NETWORKS = 10_000

interface Allowance {
  readonly left: number
  readonly atMs: number
}

/**
 * Unverified-credential rate limit: how many unknown keys or tokens are looked into for one address, and for the
 * networks that it is in. Those that turn out to be good are given back, so that only forged ones count.
 */
export class StrangerLimit {
  readonly #allowances = new LruMap<Allowance>(MAX_NETWORKS)
  readonly #elapsedMs: () => number

  /** @param elapsedMs - milliseconds that never go backwards, as `performance.now()` */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  /** @returns false, and takes nothing, when it is one too many for any of the networks */
  take(networks: readonly CountedNetwork[]): boolean {
    if (networks.some((network) => this.#leftTo(network) < 1)) return false
    for (const network of networks) this.#leave(network, this.#leftTo(network) - 1)
    return true
  }

  giveBack(networks: readonly CountedNetwork[]): void {
    for (const network of networks) {
      this.#leave(network, Math.min(this.#leftTo(network) + 1, MAX_AT_ONCE * network.shares))
    }
  }

  #leftTo({ network, shares }: CountedNetwork): number {
    const max = MAX_AT_ONCE * shares
    const known = this.#allowances.get(network)
    if (known === undefined) return max
    const more = ((this.#elapsedMs() - known.atMs) / 1000) * MORE_EACH_SECOND * shares
    return Math.min(known.left + more, max)
  }

  #leave({ network }: CountedNetwork, left: number): void {
    this.#allowances.set(network, { left, atMs: this.#elapsedMs() })
  }
}
