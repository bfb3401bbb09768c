import { isObject, type ConfigNode } from '../config/config-node.ts'
import { typeNamed } from '../config/types.ts'
import { fieldsOf } from './messages.ts'

/** A place that the linter does not know. */
export interface Unknown {
  readonly node: ConfigNode
  readonly what: string
}

/** Finds unknown fields, types of extensions and shapes below a message. */
export function unknownIn(node: ConfigNode, message: string): readonly Unknown[] {
  const fields = fieldsOf(message)
  if (fields === undefined) return [{ node, what: `the type ${message}` }]
  if (!isObject(node.value)) return [{ node, what: 'this value, which must be an object' }]
  return node.entries().flatMap(([name, below]) => {
    const kind = name === '@type' ? 'value' : fields.get(name)
    return kind === undefined ? [{ node: below, what: `the field ${name}` }] : unknownAs(below, kind)
  })
}

function unknownAs(node: ConfigNode, kind: string): readonly Unknown[] {
  if (!node.exists || kind === 'anything') return []
  if (kind.endsWith('[]')) {
    if (!Array.isArray(node.value)) return [{ node, what: 'this value, which must be a list' }]
    return node.items().flatMap((item) => unknownAs(item, kind.slice(0, -2)))
  }
  if (kind.endsWith('{}')) {
    if (!isObject(node.value)) return [{ node, what: 'this value, which must be a map' }]
    return node.entries().flatMap(([, below]) => unknownAs(below, kind.slice(0, -2)))
  }
  if (kind === 'value')
    return isScalar(node.value) ? [] : [{ node, what: 'this value, which must be a scalar' }]
  return unknownIn(node, kind === 'typed' ? typeOf(node) : kind)
}

function typeOf(node: ConfigNode): string {
  const url = node.at('@type').text
  return typeNamed(url) ?? url ?? '(none)'
}

function isScalar(value: unknown): boolean {
  return ['string', 'number', 'boolean'].includes(typeof value)
}
