import { LruMap } from '../memory/lru-map.ts'

/** So many at once from one caller: an office's people start their clients in the same minute. */
const MOST_AT_ONCE = 50
/** And so many each second after that. */
const MORE_EACH_SECOND = 5
/** About 200 bytes each. Who was forgotten begins anew, within what is asked at once for all together. */
const CALLERS_REMEMBERED = 10_000

interface Allowance {
  readonly left: number
  readonly atMs: number
}

/**
 * How many keys, or tokens, that nobody knows yet may be looked into for one caller. Those that turn out to be good
 * are given back, so that only guesses and what is over count.
 */
export class StrangerLimit {
  readonly #allowances = new LruMap<Allowance>(CALLERS_REMEMBERED)
  readonly #elapsedMs: () => number

  /** @param elapsedMs - milliseconds that never go backwards, as `performance.now()` */
  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  /** @returns false when it is one too many */
  take(caller: string): boolean {
    const left = this.#leftTo(caller)
    if (left < 1) return false
    this.#leave(caller, left - 1)
    return true
  }

  giveBack(caller: string): void {
    this.#leave(caller, Math.min(this.#leftTo(caller) + 1, MOST_AT_ONCE))
  }

  #leftTo(caller: string): number {
    const known = this.#allowances.get(caller)
    if (known === undefined) return MOST_AT_ONCE
    const more = ((this.#elapsedMs() - known.atMs) / 1000) * MORE_EACH_SECOND
    return Math.min(known.left + more, MOST_AT_ONCE)
  }

  #leave(caller: string, left: number): void {
    this.#allowances.set(caller, { left, atMs: this.#elapsedMs() })
  }
}
