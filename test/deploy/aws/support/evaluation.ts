import { isList, isObject, listFrom, textFrom, type Json } from './json.ts'
import { nameAndAttribute, type Template } from './template.ts'

export type PseudoParameters = Readonly<Record<string, string>>

/** Undefined is AWS::NoValue. */
type Value = Json | undefined

/**
 * Intrinsic functions of one template for given parameters. Values that only AWS knows become marks: `Ref` of a resource
 * is `<Name>`, `GetAtt` is `<Name.Attribute>`.
 */
export class Evaluation {
  readonly #template: Template
  readonly #parameters: Readonly<Record<string, Json>>
  readonly #pseudo: PseudoParameters
  readonly #conditions = new Map<string, boolean>()
  #referred = new Set<string>()

  constructor(template: Template, parameters: Readonly<Record<string, Json>>, pseudo: PseudoParameters) {
    this.#template = template
    this.#parameters = parameters
    this.#pseudo = pseudo
  }

  /** True without a name: the resource or output has no condition. */
  holds(condition: string | undefined): boolean {
    if (condition === undefined) return true
    const known = this.#conditions.get(condition)
    if (known !== undefined) return known
    const definition = this.#template.Conditions[condition]
    if (definition === undefined) throw new Error(`no condition ${condition}`)
    const value = this.isTrue(definition)
    this.#conditions.set(condition, value)
    return value
  }

  isTrue(value: Json): boolean {
    const [name, operand] = onlyEntry(value)
    switch (name) {
      case 'Condition':
        return this.holds(textFrom(operand))
      case 'Fn::Equals': {
        const [one, other] = listFrom(operand).map((item) => JSON.stringify(asText(this.fill(item))))
        return one === other
      }
      case 'Fn::EachMemberEquals': {
        const [members, wanted] = listFrom(operand)
        return listFrom(this.fill(members ?? null)).every((member) => member === wanted)
      }
      case 'Fn::Not':
        return !this.isTrue(listFrom(operand)[0] ?? null)
      case 'Fn::And':
        return listFrom(operand).every((item) => this.isTrue(item))
      case 'Fn::Or':
        return listFrom(operand).some((item) => this.isTrue(item))
      default:
        throw new Error(`${name} is not a condition`)
    }
  }

  /** Fills a value, and notes which resources it refers to. */
  fillAndRefer(value: Json): { readonly filled: Value; readonly referred: ReadonlySet<string> } {
    this.#referred = new Set()
    return { filled: this.fill(value), referred: this.#referred }
  }

  fill(value: Json): Value {
    if (isList(value)) return value.map((item) => this.fill(item)).filter((item) => item !== undefined)
    if (!isObject(value)) return value
    const entries = Object.entries(value)
    const [name = '', operand = null] = entries[0] ?? []
    if (entries.length === 1 && (name === 'Ref' || name.startsWith('Fn::'))) return this.#call(name, operand)
    const filled = entries.map(([key, item]) => [key, this.fill(item)] as const)
    return Object.fromEntries(
      filled.filter((entry): entry is readonly [string, Json] => entry[1] !== undefined),
    )
  }

  #call(name: string, operand: Json): Value {
    switch (name) {
      case 'Ref':
        return this.#ref(textFrom(operand))
      case 'Fn::GetAtt':
        return this.#attribute(operand)
      case 'Fn::Sub':
        return this.#substitute(operand)
      case 'Fn::If': {
        const [condition, one = null, other = null] = listFrom(operand)
        return this.fill(this.holds(textFrom(condition)) ? one : other)
      }
      case 'Fn::FindInMap':
        return this.#mapped(listFrom(operand).map((key) => textFrom(this.fill(key))))
      default:
        return this.#ofList(name, listFrom(operand))
    }
  }

  #ofList(name: string, [first = null, second = null]: readonly Json[]): Value {
    switch (name) {
      case 'Fn::Join':
        return listFrom(this.fill(second)).map(textFrom).join(textFrom(first))
      case 'Fn::Split':
        return textFrom(this.fill(second)).split(textFrom(first))
      case 'Fn::Select': {
        const items = listFrom(this.fill(second))
        const index = Number(textFrom(this.fill(first)))
        if (!(index in items)) throw new Error(`Fn::Select: no item ${index} in ${JSON.stringify(items)}`)
        return items[index]
      }
      default:
        throw new Error(`${name} is not known here`)
    }
  }

  #ref(name: string): Value {
    if (name === 'AWS::NoValue') return undefined
    return this.#pseudo[name] ?? this.#parameters[name] ?? this.#resource(name, `<${name}>`)
  }

  #attribute(operand: Json): string {
    const [name, attribute] = listFrom(operand).map(textFrom)
    return this.#resource(name ?? '', `<${name}.${attribute}>`)
  }

  /** CloudFormation refuses a reference to a resource that it does not create. */
  #resource(name: string, mark: string): string {
    const definition = this.#template.Resources[name]
    if (definition === undefined)
      throw new Error(`${mark}: there is no resource, parameter or pseudo parameter`)
    if (!this.holds(definition.Condition)) throw new Error(`${mark}: the condition of the resource is false`)
    this.#referred.add(name)
    return mark
  }

  #substitute(operand: Json): string {
    const [text = null, own = {}] = isList(operand) ? operand : [operand]
    return textFrom(text).replace(/\$\{(!?)([^}]+)\}/g, (_match, literal: string, name: string) => {
      if (literal !== '') return `\${${name}}`
      const value = isObject(own) ? own[name] : undefined
      if (value !== undefined) return textFrom(this.fill(value))
      return textFrom(name.includes('.') ? this.#attribute(nameAndAttribute(name)) : this.#ref(name))
    })
  }

  #mapped([map = '', first = '', second = '']: readonly string[]): Json {
    const found = this.#template.Mappings[map]?.[first]?.[second]
    if (found === undefined) throw new Error(`Fn::FindInMap: there is no ${map}.${first}.${second}`)
    return found
  }
}

function onlyEntry(value: Json): [name: string, operand: Json] {
  const [entry, ...others] = isObject(value) ? Object.entries(value) : []
  if (entry === undefined || others.length > 0) throw new Error(`${JSON.stringify(value)} is not a condition`)
  return entry
}

/** Fn::Equals compares numbers as text. */
function asText(value: Value): Value {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value
}
