/** A part of the store that hangs is asked again so often. */
const PROBE_INTERVAL_MS = 500

/** Which parts of the store hang: asking them costs each request its patience, so only one now and then does. */
export class HungParts {
  readonly #elapsedMs: () => number
  /** Part → when it may be asked again. */
  readonly #probes = new Map<string, number>()

  constructor(elapsedMs: () => number) {
    this.#elapsedMs = elapsedMs
  }

  /** Whether to ask now; who does asks for all who come in the meantime. */
  mayAsk(part: string): boolean {
    const probeMs = this.#probes.get(part)
    if (probeMs === undefined) return true
    if (this.#elapsedMs() < probeMs) return false
    this.hangs(part)
    return true
  }

  hangs(part: string): void {
    this.#probes.set(part, this.#elapsedMs() + PROBE_INTERVAL_MS)
  }

  answered(part: string): void {
    this.#probes.delete(part)
  }

  /** They are asked as if nothing had been. */
  clear(): void {
    this.#probes.clear()
  }
}
