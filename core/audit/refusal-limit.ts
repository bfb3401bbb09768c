import { PerMinute } from '../limits/per-minute.ts'

/** Anyone can cause refusals without a user. More of them are counted, not recorded one by one. */
const MAX_PER_MINUTE = 300

/** Bounds the events, or lines, that anyone can cause. */
export class RefusalLimit {
  readonly #perMinute: PerMinute
  #omitted = 0

  /** @param elapsedMs - monotonic milliseconds, as `performance.now()` */
  constructor(elapsedMs: () => number, maxPerMinute = MAX_PER_MINUTE) {
    this.#perMinute = new PerMinute(maxPerMinute, elapsedMs)
  }

  /** False if the event must be left out; it is counted. */
  take(): boolean {
    if (this.#perMinute.take()) return true
    this.#omitted += 1
    return false
  }

  /** How many were left out since the last call, as a detail of the next event. */
  takeOmitted(): { readonly refusalsNotRecorded: number | undefined } {
    const refusalsNotRecorded = this.#omitted === 0 ? undefined : this.#omitted
    this.#omitted = 0
    return { refusalsNotRecorded }
  }
}
