/**
 * A place in a configuration: what stands there, and the path that leads to it. A place where nothing stands is one
 * too, so that a finding can say where something is missing.
 */
export class ConfigNode {
  /** undefined where nothing stands; null counts as nothing, as in protobuf's JSON. */
  readonly value: unknown
  readonly #from: { readonly holder: ConfigNode; readonly step: string | number } | undefined

  constructor(value: unknown, from?: { readonly holder: ConfigNode; readonly step: string | number }) {
    this.value = value ?? undefined
    this.#from = from
  }

  /** As yq reads it, without the leading dot; empty for the whole. */
  get path(): string {
    if (this.#from === undefined) return ''
    const { holder, step } = this.#from
    const { path } = holder
    return `${path}${stepText(step, path === '')}`
  }

  get exists(): boolean {
    return this.value !== undefined
  }

  /** What stands here, where it is text. */
  get text(): string | undefined {
    return typeof this.value === 'string' ? this.value : undefined
  }

  /** What stands here, where it is a number. */
  get number(): number | undefined {
    return typeof this.value === 'number' ? this.value : undefined
  }

  /** The place below, by the names of fields and the positions in lists. */
  at(...steps: readonly (string | number)[]): ConfigNode {
    const [step, ...rest] = steps
    return step === undefined ? this : this.#below(step).at(...rest)
  }

  /** The members of a list. Protobuf's JSON reads one object where a list is due as a list of one. */
  items(): readonly ConfigNode[] {
    if (!this.exists) return []
    return Array.isArray(this.value) ? this.value.map((_, index) => this.at(index)) : [this]
  }

  /** The members of an object or a map. */
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
