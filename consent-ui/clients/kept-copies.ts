interface Copy<T> {
  readonly value: T
  readonly fetchedAt: number
  readonly freshUntil: number
}

const MAX_COPIES = 500
/** A copy stands in for one that cannot be fetched until it is this old. */
const MAX_STALE_SECONDS = 86_400

/**
 * Checked copies by URL, in order of use. Callers choose the URLs, so the least used of the largest group goes first:
 * one host's addresses, and those with a query string apart, never push out copies of another group.
 */
export class KeptCopies<T> {
  readonly #copies = new Map<string, Copy<T>>()
  readonly #now: () => number

  /** @param now - seconds since 1970 */
  constructor(now: () => number) {
    this.#now = now
  }

  /** The copy that may still be used without asking its server; undefined where there is none. */
  fresh(url: string, fetchedSince: number): T | undefined {
    const copy = this.#use(url)
    return copy !== undefined && copy.freshUntil > this.#now() && copy.fetchedAt >= fetchedSince
      ? copy.value
      : undefined
  }

  /** The copy that stands in while its server fails; undefined where there is none, or only one that is too old. */
  lastGood(url: string): T | undefined {
    const copy = this.#use(url)
    return copy !== undefined && copy.fetchedAt + MAX_STALE_SECONDS > this.#now() ? copy.value : undefined
  }

  /** @param freshSeconds - 0 where its server lets nothing be kept */
  keep(url: string, value: T, freshSeconds: number): void {
    this.#copies.delete(url)
    if (freshSeconds === 0) return
    const now = this.#now()
    this.#copies.set(url, { value, fetchedAt: now, freshUntil: now + freshSeconds })
    if (this.#copies.size > MAX_COPIES) this.#dropOne()
  }

  #use(url: string): Copy<T> | undefined {
    const copy = this.#copies.get(url)
    if (copy === undefined) return undefined
    this.#copies.delete(url)
    this.#copies.set(url, copy)
    return copy
  }

  #dropOne(): void {
    const groups = Map.groupBy(this.#copies.keys(), groupOf)
    const largest = [...groups.values()].reduce((one, other) => (other.length > one.length ? other : one))
    const [leastUsed] = largest
    if (leastUsed !== undefined) this.#copies.delete(leastUsed)
  }
}

function groupOf(text: string): string {
  const { host, search } = new URL(text)
  return search === '' ? host : `${host}?`
}
