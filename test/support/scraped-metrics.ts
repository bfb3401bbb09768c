import parse from 'parse-prometheus-text-format'

export interface Family {
  readonly name: string
  readonly help: string
  readonly type: string
}

/** One answer of a `/metrics`. */
export class ScrapedMetrics {
  /** As Prometheus would read them. */
  readonly families: readonly Family[]
  /** Series, as written, with its value. */
  readonly #samples: ReadonlyMap<string, number>

  /** @throws Error for a line that Prometheus would refuse */
  constructor(text: string) {
    this.families = parse(text).map(({ name, help, type }) => ({ name, help, type: type.toLowerCase() }))
    const lines = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
    this.#samples = new Map(lines.map(sampleOf))
  }

  /** Series that have a value, as `name{label="value"}`. */
  get series(): readonly string[] {
    return [...this.#samples.keys()]
  }

  /** @returns undefined for a series that is not there */
  valueOf(series: string): number | undefined {
    return this.#samples.get(series)
  }
}

function sampleOf(line: string): [string, number] {
  const end = line.lastIndexOf(' ')
  const value = line.slice(end + 1)
  return [line.slice(0, end), Number(value.replace(/^\+?Inf$/, 'Infinity'))]
}
