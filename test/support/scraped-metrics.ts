import parse from 'parse-prometheus-text-format'

export interface Family {
  readonly name: string
  readonly type: string
  /** Without `le`. */
  readonly labels: readonly string[]
}

/** Endings of the series of a histogram. */
const PARTS = /_(bucket|sum|count)$/

/** One answer of a `/metrics`. */
export class ScrapedMetrics {
  /** Those that have a series, as Prometheus would read them. */
  readonly families: readonly Family[]
  /** Series, as written, with its value. */
  readonly #samples: ReadonlyMap<string, number>

  /** @throws Error for a line that Prometheus would refuse */
  constructor(text: string) {
    const parsed = parse(text)
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    this.#samples = new Map(lines.map(sampleOf))
    const labels = Map.groupBy(this.series, (series) => nameOf(series).replace(PARTS, ''))
    const plain = Map.groupBy(this.series, nameOf)
    this.families = parsed.flatMap(({ name, type }) => {
      const series = (type === 'HISTOGRAM' ? labels : plain).get(name) ?? []
      const names = series.flatMap((each) =>
        [...each.matchAll(/[{,](\w+)="/g)].map(([, label = '']) => label),
      )
      const family = {
        name,
        type: type.toLowerCase(),
        labels: [...new Set(names)].filter((each) => each !== 'le'),
      }
      return series.length === 0 ? [] : [family]
    })
  }

  /** As `name{label="value"}`. */
  get series(): readonly string[] {
    return [...this.#samples.keys()]
  }

  /** The labels of each series of a name, which may end with `_bucket`, `_sum` or `_count`. */
  labelsOf(name: string): readonly ReadonlyMap<string, string>[] {
    return this.series.filter((series) => nameOf(series) === name).map(readLabels)
  }

  /** @returns undefined for a series that is not there */
  valueOf(series: string): number | undefined {
    return this.#samples.get(series)
  }
}

function nameOf(series: string): string {
  return series.replace(/\{.*$/, '')
}

function readLabels(series: string): ReadonlyMap<string, string> {
  return new Map(
    [...series.matchAll(/[{,](\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label = '', value = '']) => [
      label,
      value,
    ]),
  )
}

function sampleOf(line: string): [string, number] {
  const end = line.lastIndexOf(' ')
  const value = line.slice(end + 1)
  return [line.slice(0, end), Number(value.replace(/^\+?Inf$/, 'Infinity'))]
}
