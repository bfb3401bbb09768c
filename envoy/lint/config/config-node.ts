/**
 * A place in a configuration: its value and its path. A place without a value is a node too, so that a finding can name
 * a missing field.
 */
export class ConfigNode {
  /** undefined if absent or null, as in protobuf's JSON. */
  readonly value: unknown
  readonly #from: { readonly holder: ConfigNode; readonly step: string | number } | undefined

  constructor(value: unknown, from?: { readonly holder: ConfigNode; readonly step: string | number }) {
    this.value = value ?? undefined
    this.#from = from
  }

  /** As yq reads it, without the leading dot; empty for the whole file. */
  get path(): string {
    if (this.#from === undefined) return ''
    const { holder, step } = this.#from
    const { path } = holder
    return `${path}${stepText(step, path === '')}`
  }

  get exists(): boolean {
    return this.value !== undefined
  }

  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined
  }

  get number(): number | undefined {
    return typeof this.value === 'number' ? this.value : undefined
  }

  /** The node below, by field names and list positions. */
  at(...steps: readonly (string | number)[]): ConfigNode {
    const [step, ...rest] = steps
    return step === undefined ? this : this.#below(step).at(...rest)
  }

  /** The members of a list. Protobuf's JSON reads a single object as a list of one. */
  items(): readonly ConfigNode[] {
    if (!this.exists) return []
    return Array.isArray(this.value) ? this.value.map((_, index) => this.at(index)) : [this]
  }

  entries(): readonly (readonly [name: string, node: ConfigNode])[] {
    return isObject(this.value) ? Object.keys(this.value).map((name) => [name, this.at(name)] as const) : []
  }

  #below(step: string | number): ConfigNode {
    return new ConfigNode(memberOf(this.value, step), { holder: this, step })
  }
}

function memberOf(holder: unknown, step: string | number): unknown {
  if (typeof step === 'number') return Array.isArray(holder) ? holder[step] : undefined
  return isObject(holder) && Object.hasOwn(holder, step) ? holder[step] : undefined
}

export function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function stepText(step: string | number, isFirst: boolean): string {
  if (typeof step === 'number') return `[${step}]`
  if (!/^\w+$/.test(step)) return `[${JSON.stringify(step)}]`
  return isFirst ? step : `.${step}`
}
