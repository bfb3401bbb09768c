export interface BucketSize {
  readonly max: number
  readonly perSecond: number
}

export class TokenBucket {
  readonly #size: BucketSize
  readonly #elapsedMs: () => number
  #left: number
  #refilledMs: number

  constructor(size: BucketSize, elapsedMs: () => number) {
    this.#size = size
    this.#elapsedMs = elapsedMs
    this.#left = size.max
    this.#refilledMs = elapsedMs()
  }

  get left(): number {
    const nowMs = this.#elapsedMs()
    const refill = ((nowMs - this.#refilledMs) / 1000) * this.#size.perSecond
    this.#left = Math.min(this.#left + refill, this.#size.max)
    this.#refilledMs = nowMs
    return this.#left
  }

  /** @returns false, and takes nothing, when less than one token is left */
  take(): boolean {
    if (this.left < 1) return false
    this.#left -= 1
    return true
  }

  refund(): void {
    this.#left = Math.min(this.left + 1, this.#size.max)
  }
}
