import { Counter, type Registry } from '@prometheus-io/client'
import { LabelledValues, type Labels } from './labelled-values.ts'

export interface CountsOptions<Label extends string> {
  readonly name: string
  readonly help: string
  readonly labelNames: readonly Label[]
  /** Shown as 0 from the start: `increase()` misses the first increment of a series that did not exist. */
  readonly initial?: readonly Labels<Label>[]
}

/** A counter on the request path. The client's own, which costs more for each increment, is filled when it is scraped. */
export class Counts<Label extends string = never> {
  readonly #options: CountsOptions<Label>
  readonly #counts: LabelledValues<Label, { count: number }>

  constructor(options: CountsOptions<Label>) {
    this.#options = options
    this.#counts = new LabelledValues(options.labelNames, () => ({ count: 0 }))
    for (const labels of options.initial ?? []) this.#counts.at(labels)
  }

  add(labels: Labels<Label>): void {
    this.#counts.at(labels).count += 1
  }

  /** Since this process started. */
  count(labels: Labels<Label>): number {
    return this.#counts.at(labels).count
  }

  registerAt(registry: Registry): void {
    const { name, help, labelNames } = this.#options
    const counter = new Counter<string>({
      name,
      help,
      labelNames,
      registers: [registry],
      collect: () => {
        counter.reset()
        for (const { labels, value } of this.#counts.all()) counter.inc(labels, value.count)
      },
    })
  }
}
