const PROBE_INTERVAL_MS = 500

/** A circuit breaker per Redis node: while a node hangs, only one request per interval waits for it. */
export class CircuitBreaker {
  readonly #elapsedMs: () => number
  /** Open circuits: node → when it may be probed. */
  readonly #open = new Map<string, number>()

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  get openCount(): number {
    return this.#open.size
  }

  /** For an open circuit, true starts the next interval. */
  admit(node: string): boolean {
    const probeMs = this.#open.get(node)
    if (probeMs === undefined) return true
    if (this.#elapsedMs() < probeMs) return false
    this.open(node)
    return true
  }

  /** @returns false when it was open already */
  open(node: string): boolean {
    const wasOpen = this.#open.has(node)
    this.#open.set(node, this.#elapsedMs() + PROBE_INTERVAL_MS)
    return !wasOpen
  }

  close(node: string): void {
    this.#open.delete(node)
  }

  closeAll(): void {
    this.#open.clear()
  }
}
