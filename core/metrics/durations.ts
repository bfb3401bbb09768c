import type { Histogram, Registry } from '@prometheus-io/client'
import { LabelledValues, type Labels } from './labelled-values.ts'

export interface DurationsOptions<Label extends string> {
  /** Ends with `_seconds`. */
  readonly name: string
  readonly help: string
  readonly labelNames: readonly Label[]
  /** Upper bounds in seconds, ascending. */
  readonly buckets: readonly number[]
  /** Shown as 0 from the start. */
  readonly initial?: readonly Labels<Label>[]
}

interface Observed {
  /** By bucket; the last has no upper bound. */
  readonly counts: number[]
  sum: number
}

/** A histogram of durations on the request path, cheaper to observe than the client's own. */
export class Durations<Label extends string> {
  readonly #options: DurationsOptions<Label>
  readonly #observed: LabelledValues<Label, Observed>

  constructor(options: DurationsOptions<Label>) {
    this.#options = options
    const size = options.buckets.length + 1
    this.#observed = new LabelledValues(options.labelNames, () => ({
      counts: new Array<number>(size).fill(0),
      sum: 0,
    }))
    for (const labels of options.initial ?? []) this.#observed.at(labels)
  }

  observe(labels: Labels<Label>, seconds: number): void {
    const { buckets } = this.#options
    let bucket = 0
    while (bucket < buckets.length && seconds > (buckets[bucket] ?? Infinity)) bucket += 1
    const observed = this.#observed.at(labels)
    observed.counts[bucket] = (observed.counts[bucket] ?? 0) + 1
    observed.sum += seconds
  }

  registerAt(registry: Registry): void {
    const { name, help, labelNames } = this.#options
    const get = (): Promise<object> =>
      Promise.resolve({ name, help, type: 'histogram', values: [...this.#observed.all()].flatMap(samples) })
    const samples = ({ labels, value }: { labels: Labels<Label>; value: Observed }): object[] =>
      this.#samplesOf(labels, value)
    // The registry reads only these members of a metric.
    registry.registerMetric({ name, help, type: 'histogram', labelNames, get } as unknown as Histogram)
  }

  #samplesOf(labels: Labels<Label>, { counts, sum }: Observed): object[] {
    const { name, buckets } = this.#options
    let total = 0
    const cumulative = [...buckets, '+Inf'].map((le, index) => {
      total += counts[index] ?? 0
      return { metricName: `${name}_bucket`, labels: { le, ...labels }, value: total }
    })
    return [
      ...cumulative,
      { metricName: `${name}_sum`, labels, value: sum },
      { metricName: `${name}_count`, labels, value: total },
    ]
  }
}
