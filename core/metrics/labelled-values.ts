export type Labels<Label extends string> = Readonly<Record<Label, string>>

/** One value for each combination of labels. */
export class LabelledValues<Label extends string, Value> {
  readonly #names: readonly Label[]
  readonly #create: () => Value
  readonly #entries = new Map<string, { readonly labels: Labels<Label>; readonly value: Value }>()

  constructor(names: readonly Label[], create: () => Value) {
    this.#names = names
    this.#create = create
  }

  /** The value of these labels, created at their first use. */
  at(labels: Labels<Label>): Value {
    let key = ''
    for (const name of this.#names) key += `${labels[name]}\n`
    const known = this.#entries.get(key)
    if (known !== undefined) return known.value
    const value = this.#create()
    this.#entries.set(key, { labels, value })
    return value
  }

  all(): Iterable<{ readonly labels: Labels<Label>; readonly value: Value }> {
    return this.#entries.values()
  }
}
