/** How long a value counts, in seconds, and after what time it is loaded again once it proved wrong. */
interface Lifetimes {
  readonly freshSeconds: number
  readonly retrySeconds: number
}

/** A value that is loaded when it is first needed, and again later, so that a change of it is noticed. */
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

  /** @throws what loading threw, where there is no earlier value to go on with */
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

  /** The value did not work: it is loaded again soon, however often this is called. */
  doubt(): void {
    if (this.#kept === undefined) return
    const soon = this.#kept.loadedAt + this.#lifetimes.retrySeconds
    this.#kept.freshUntil = Math.min(this.#kept.freshUntil, soon)
  }
}
