export type Labels<Label extends string> = Readonly<Record<Label, string>>

interface Entry<Label extends string, Value> {
  readonly labels: Labels<Label>
  readonly value: Value
}

/** By the value of one label; the last level has the entry. */
interface Level<Label extends string, Value> {
  readonly next: Map<string, Level<Label, Value>>
  entry?: Entry<Label, Value>
}

/** One value for each combination of labels. A map for each label, as joining them to one key costs more. */
export class LabelledValues<Label extends string, Value> {
  readonly #names: readonly Label[]
  readonly #create: () => Value
  readonly #root: Level<Label, Value> = { next: new Map() }
  readonly #entries: Entry<Label, Value>[] = []

  constructor(names: readonly Label[], create: () => Value) {
    this.#names = names
    this.#create = create
  }

  /** The value of these labels, created at their first use. */
  at(labels: Labels<Label>): Value {
    let level = this.#root
    for (const name of this.#names) level = level.next.get(labels[name]) ?? below(level, labels[name])
    level.entry ??= this.#enter(labels)
    return level.entry.value
  }

  all(): Iterable<Entry<Label, Value>> {
    return this.#entries
  }

  #enter(labels: Labels<Label>): Entry<Label, Value> {
    const entry = { labels, value: this.#create() }
    this.#entries.push(entry)
    return entry
  }
}

function below<Label extends string, Value>(
  { next }: Level<Label, Value>,
  label: string,
): Level<Label, Value> {
  const level: Level<Label, Value> = { next: new Map() }
  next.set(label, level)
  return level
}
