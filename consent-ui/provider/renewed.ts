/** How long a value is used, and how soon it is loaded again after a failure. */
interface Lifetimes {
  readonly freshSeconds: number
  readonly retrySeconds: number
}

/** A value that is loaded on first use and refreshed later. */
export class Renewed<Value> {
  readonly #load: () => Promise<Value>
  readonly #lifetimes: Lifetimes
  readonly #now: () => number
  #loading: Promise<Value> | undefined
  #kept: { readonly value: Value; readonly loadedAt: number; freshUntil: number } | undefined

  /** @param now - seconds since 1970 */
  constructor(load: () => Promise<Value>, lifetimes: Lifetimes, now: () => number) {
    this.#load = load
    this.#lifetimes = lifetimes
    this.#now = now
  }

  /** @throws the error of loading, if there is no earlier value */
  async get(): Promise<Value> {
    if (this.#kept !== undefined && this.#now() < this.#kept.freshUntil) return this.#kept.value
    this.#loading ??= this.#load().finally(() => (this.#loading = undefined))
    try {
      const value = await this.#loading
      const loadedAt = this.#now()
      this.#kept = { value, loadedAt, freshUntil: loadedAt + this.#lifetimes.freshSeconds }
      return value
    } catch (error) {
      if (this.#kept === undefined) throw error
      this.#kept.freshUntil = this.#now() + this.#lifetimes.retrySeconds
      return this.#kept.value
    }
  }

  /** Loads a value that failed again, at most once per `retrySeconds`. */
  doubt(): void {
    if (this.#kept === undefined) return
    const soon = this.#kept.loadedAt + this.#lifetimes.retrySeconds
    this.#kept.freshUntil = Math.min(this.#kept.freshUntil, soon)
  }
}
