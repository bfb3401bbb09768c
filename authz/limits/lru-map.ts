/** What all values together may take, by an estimate of each that is made once. */
interface ByteBound<Value> {
  readonly most: number
  readonly of: (value: Value) => number
}

interface Entry<Value> {
  readonly key: string
  readonly value: Value
  readonly bytes: number
  older: Entry<Value> | undefined
  newer: Entry<Value> | undefined
}

/**
 * A map that forgets what was not used for longest. What it does takes the same time however much it holds: entries
 * are linked in the order of their use. (Map's own order would do, but to find its oldest entry, Map walks over
 * the place of each one that was taken out before.)
 */
export class LruMap<Value> {
  readonly #entries = new Map<string, Entry<Value>>()
  readonly #capacity: number
  readonly #byteBound: ByteBound<Value> | undefined
  #oldest: Entry<Value> | undefined
  #newest: Entry<Value> | undefined
  #bytes = 0

  /** @param capacity - so many entries; with a bound of bytes perhaps fewer */
  constructor(capacity: number, byteBound?: ByteBound<Value>) {
    this.#capacity = capacity
    this.#byteBound = byteBound
  }

  get size(): number {
    return this.#entries.size
  }

  get(key: string): Value | undefined {
    const entry = this.#entries.get(key)
    if (entry === undefined) return undefined
    if (entry !== this.#newest) {
      this.#unlink(entry)
      this.#append(entry)
    }
    return entry.value
  }

  set(key: string, value: Value): void {
    this.delete(key)
    const bytes = this.#byteBound?.of(value) ?? 0
    const entry: Entry<Value> = { key, value, bytes, older: undefined, newer: undefined }
    this.#entries.set(key, entry)
    this.#bytes += bytes
    this.#append(entry)
    while (this.#oldest !== undefined && this.#isTooFull()) this.delete(this.#oldest.key)
  }

  delete(key: string): void {
    const entry = this.#entries.get(key)
    if (entry === undefined) return
    this.#entries.delete(key)
    this.#bytes -= entry.bytes
    this.#unlink(entry)
  }

  clear(): void {
    this.#entries.clear()
    this.#bytes = 0
    this.#oldest = undefined
    this.#newest = undefined
  }

  #isTooFull(): boolean {
    const most = this.#byteBound?.most ?? Infinity
    return this.#entries.size > this.#capacity || this.#bytes > most
  }

  #append(entry: Entry<Value>): void {
    entry.older = this.#newest
    if (this.#newest === undefined) this.#oldest = entry
    else this.#newest.newer = entry
    this.#newest = entry
  }

  #unlink(entry: Entry<Value>): void {
    const { older, newer } = entry
    if (older === undefined) this.#oldest = newer
    else older.newer = newer
    if (newer === undefined) this.#newest = older
    else newer.older = older
    entry.older = undefined
    entry.newer = undefined
  }
}
