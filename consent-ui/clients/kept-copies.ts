interface Copy<T> {
  readonly value: T
  readonly fetchedAt: number
  readonly freshUntil: number
}

const MAX_COPIES = 500
const MAX_STALE_SECONDS = 86_400

/**
 * Copies by URL, least recently used first. Attackers choose URLs, so eviction takes from the largest group: a host's
 * URLs with a query, or those without. No group can evict the copies of another.
 */
export class KeptCopies<T> {
  readonly #copies = new Map<string, Copy<T>>()
  readonly #now: () => number

  /** @param now - seconds since 1970 */
  constructor(now: () => number) {
    this.#now = now
  }

  fresh(url: string, fetchedSince: number): T | undefined {
    const copy = this.#use(url)
    return copy !== undefined && copy.freshUntil > this.#now() && copy.fetchedAt >= fetchedSince
      ? copy.value
      : undefined
  }

  lastGood(url: string): T | undefined {
    const copy = this.#use(url)
    return copy !== undefined && copy.fetchedAt + MAX_STALE_SECONDS > this.#now() ? copy.value : undefined
  }

  /** @param freshSeconds - 0 if the server forbids caching */
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
