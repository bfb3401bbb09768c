/** What the last request to another server showed. */
export interface Outcome {
  /** `unknown` until this process has sent it a request. */
  readonly state: 'unknown' | 'up' | 'down'
  /** When; ISO 8601. */
  readonly at?: string
}

/** Remembers the outcome of the last request to the identity provider or the Registry. */
export class LastOutcome {
  readonly #now: () => number
  #outcome: Outcome = { state: 'unknown' }

  /** @param now - seconds since 1970 */
  constructor(now: () => number) {
    this.#now = now
  }

  get outcome(): Outcome {
    return this.#outcome
  }

  answered(): void {
    this.#set('up')
  }

  failed(): void {
    this.#set('down')
  }

  #set(state: 'up' | 'down'): void {
    this.#outcome = { state, at: new Date(this.#now() * 1000).toISOString() }
  }
}
