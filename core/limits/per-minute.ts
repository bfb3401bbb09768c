const MINUTE_MS = 60_000

export class PerMinute {
  readonly #max: number
  readonly #elapsedMs: () => number
  #beganMs = -Infinity
  #taken = 0

  /** @param elapsedMs - monotonic milliseconds, as `performance.now()` */
  constructor(max: number, elapsedMs: () => number) {
    this.#max = max
    this.#elapsedMs = elapsedMs
  }

  take(): boolean {
    const nowMs = this.#elapsedMs()
    if (nowMs - this.#beganMs >= MINUTE_MS) {
      this.#beganMs = nowMs
      this.#taken = 0
    }
    this.#taken += 1
    return this.#taken <= this.#max
  }
}
