/** After so long without a beat of our own from each master, changes may go unheard too. */
const SILENCE_MS = 2000

/**
 * Until when every change has been heard of. A channel keeps the order of what it carries, so a beat of ours that
 * comes back says that every change before it, made at the same master, has come too. What different masters
 * publish takes different ways: each has to be heard, and which ones there are has to be known.
 *
 * All times are milliseconds of a clock that never goes back.
 */
export class Hearing {
  /** Master → when the newest of our beats that came back from it was sent. */
  readonly #heard = new Map<string, number>()
  #masters: ReadonlySet<string> = new Set()
  #mastersKnownMs = -Infinity
  #latestMs = -Infinity

  /** Whether a change that is made now would be heard of. */
  isAt(nowMs: number): boolean {
    return nowMs - this.#completeUntilMs < SILENCE_MS
  }

  /** How long ago the last moment is up to which every change was heard of; Infinity where there was none yet. */
  silenceAt(nowMs: number): number {
    return nowMs - this.#latestMs
  }

  /** These are the masters, as of this time. */
  know(masters: Iterable<string>, atMs: number): void {
    this.#masters = new Set(masters)
    this.#mastersKnownMs = atMs
    for (const name of this.#heard.keys()) if (!this.#masters.has(name)) this.#heard.delete(name)
    this.#note()
  }

  /** A beat has come back. */
  hear(master: string, sentMs: number): void {
    this.#heard.set(master, Math.max(sentMs, this.#heard.get(master) ?? -Infinity))
    this.#note()
  }

  /** The channel broke: what it carried may be lost. */
  lose(): void {
    this.#heard.clear()
  }

  #note(): void {
    this.#latestMs = Math.max(this.#latestMs, this.#completeUntilMs)
  }

  get #completeUntilMs(): number {
    const beats = [...this.#masters].map((name) => this.#heard.get(name) ?? -Infinity)
    return beats.length === 0 ? -Infinity : Math.min(this.#mastersKnownMs, ...beats)
  }
}
