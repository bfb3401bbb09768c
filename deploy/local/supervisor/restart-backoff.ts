const FIRST_DELAY_MS = 500
const MAX_RESTARTS_IN_A_ROW = 5
/** A process that ran this long was fine: its next crash starts a new row. */
const STABLE_MS = 60_000

/** Exponential delays between restarts, and the decision to give up. */
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
