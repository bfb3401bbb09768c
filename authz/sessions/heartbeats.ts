/** A subscription is stale when its last heartbeat from any master is older. */
const STALE_AFTER_MS = 2000

/**
 * Tells until when every session change has arrived. Redis pub/sub keeps order: once our own heartbeat comes back from a
 * master, every earlier change from that master has arrived too. Masters publish independently, so each needs its own.
 *
 * All times are milliseconds of a clock that never goes back.
 */
export class Heartbeats {
  /** Master → when our newest heartbeat that came back from it was sent. */
  readonly #received = new Map<string, number>()
  #masters: ReadonlySet<string> = new Set()
  #mastersKnownMs = -Infinity
  #latestMs = -Infinity

  isLiveAt(nowMs: number): boolean {
    return nowMs - this.#completeUntilMs < STALE_AFTER_MS
  }

  /** Milliseconds for which changes may be missing; Infinity before the first heartbeat. */
  lagAt(nowMs: number): number {
    return nowMs - this.#latestMs
  }

  setMasters(masters: Iterable<string>, atMs: number): void {
    this.#masters = new Set(masters)
    this.#mastersKnownMs = atMs
    for (const name of this.#received.keys()) if (!this.#masters.has(name)) this.#received.delete(name)
    this.#updateLatest()
  }

  receive(master: string, sentMs: number): void {
    this.#received.set(master, Math.max(sentMs, this.#received.get(master) ?? -Infinity))
    this.#updateLatest()
  }

  /** Forgets all heartbeats: the subscription was lost, and changes with it. */
  reset(): void {
    this.#received.clear()
  }

  #updateLatest(): void {
    this.#latestMs = Math.max(this.#latestMs, this.#completeUntilMs)
  }

  get #completeUntilMs(): number {
    const sentMs = [...this.#masters].map((name) => this.#received.get(name) ?? -Infinity)
    return sentMs.length === 0 ? -Infinity : Math.min(this.#mastersKnownMs, ...sentMs)
  }
}
