const FIRST_DELAY_MS = 500
const MAX_RESTARTS_IN_A_ROW = 5
/** A process that ran for this long did work: its next crash is the first of a new row. */
const STABLE_MS = 60_000

/** How long to wait before a process that crashed is started again, and when to give up. */
export class RestartBackoff {
  readonly #firstDelayMs: number
  #restarts = 0

  constructor(firstDelayMs = FIRST_DELAY_MS) {
    this.#firstDelayMs = firstDelayMs
  }

  /**
   * @param ranMs - how long the process ran before it crashed
   * @returns milliseconds; undefined to give up
   */
  next(ranMs: number): number | undefined {
    if (ranMs >= STABLE_MS) this.#restarts = 0
    if (this.#restarts === MAX_RESTARTS_IN_A_ROW) return undefined
    const delayMs = this.#firstDelayMs * 2 ** this.#restarts
    this.#restarts += 1
    return delayMs
  }
}
