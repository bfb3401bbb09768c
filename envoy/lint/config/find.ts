import { isObject, type ConfigNode } from './config-node.ts'
import { typeNamed } from './types.ts'

/** Every message of a type, at any depth. */
export function messagesOf(node: ConfigNode, type: string): readonly ConfigNode[] {
  const found: ConfigNode[] = []
  visitObjects(node, (object) => {
    if (typeNamed(object.at('@type').text) === type) found.push(object)
  })
  return found
}

/** Every field with one of these names, at any depth. */
export function fieldsNamed(node: ConfigNode, names: readonly string[]): readonly ConfigNode[] {
  const found: ConfigNode[] = []
  visitObjects(node, (object) => {
    for (const name of names) {
      const field = object.at(name)
      if (field.exists) found.push(field)
    }
  })
  return found
}

export function textsIn(node: ConfigNode): readonly ConfigNode[] {
  return node.text === undefined ? childrenOf(node).flatMap(textsIn) : [node]
}

function visitObjects(node: ConfigNode, visit: (object: ConfigNode) => void): void {
  if (typeof node.value !== 'object') return
  if (isObject(node.value)) visit(node)
  for (const child of childrenOf(node)) visitObjects(child, visit)
}

function childrenOf(node: ConfigNode): readonly ConfigNode[] {
  return Array.isArray(node.value) ? node.items() : node.entries().map(([, below]) => below)
}
