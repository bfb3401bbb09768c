import { isObject, type Spot } from '../spot.ts'
import { typeNamed } from '../types.ts'
import { fieldsOf } from './messages.ts'

/** A place that the linter cannot judge, and why. */
export interface Unknown {
  readonly spot: Spot
  readonly what: string
}

/** Everything below a message that the linter does not know: fields, types of extensions, shapes. */
export function unknownIn(spot: Spot, message: string): readonly Unknown[] {
  const fields = fieldsOf(message)
  if (fields === undefined) return [{ spot, what: `the type ${message}` }]
  if (!isObject(spot.value)) return [{ spot, what: 'what is no object here' }]
  return spot.entries().flatMap(([name, below]) => {
    const kind = name === '@type' ? 'value' : fields.get(name)
    return kind === undefined ? [{ spot: below, what: `the field ${name}` }] : unknownAs(below, kind)
  })
}

function unknownAs(spot: Spot, kind: string): readonly Unknown[] {
  if (!spot.exists || kind === 'anything') return []
  if (kind.endsWith('[]')) {
    if (!Array.isArray(spot.value)) return [{ spot, what: 'what is no list here' }]
    return spot.items().flatMap((item) => unknownAs(item, kind.slice(0, -2)))
  }
  if (kind.endsWith('{}')) {
    if (!isObject(spot.value)) return [{ spot, what: 'what is no map here' }]
    return spot.entries().flatMap(([, below]) => unknownAs(below, kind.slice(0, -2)))
  }
  if (kind === 'value') return isScalar(spot.value) ? [] : [{ spot, what: 'what is no plain value here' }]
  return unknownIn(spot, kind === 'typed' ? typeOf(spot) : kind)
}

function typeOf(spot: Spot): string {
  const url = spot.at('@type').text
  return typeNamed(url) ?? url ?? '(none)'
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
