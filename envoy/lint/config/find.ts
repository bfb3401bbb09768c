import { isObject, type ConfigNode } from './config-node.ts'
import { typeNamed } from './types.ts'

/** Every message of a type, at any depth. */
export function messagesOf(node: ConfigNode, type: string): readonly ConfigNode[] {
  return objectsIn(node).filter((object) => typeNamed(object.at('@type').text) === type)
}

/** Every field with one of these names, at any depth. */
export function fieldsNamed(node: ConfigNode, names: readonly string[]): readonly ConfigNode[] {
  const found: ConfigNode[] = []
  for (const object of objectsIn(node)) {
    for (const name of names) {
      const field = object.at(name)
      if (field.exists) found.push(field)
    }
  }
  return found
}

export function textsIn(node: ConfigNode): readonly ConfigNode[] {
  return node.text === undefined ? childrenOf(node).flatMap(textsIn) : [node]
}

/** Most rules search the same few nodes. */
const objectsByNode = new WeakMap<ConfigNode, readonly ConfigNode[]>()

/** The node, if it is an object, and every object in it. */
function objectsIn(node: ConfigNode): readonly ConfigNode[] {
  let objects = objectsByNode.get(node)
  if (objects === undefined) {
    objects = collectObjects(node, [])
    objectsByNode.set(node, objects)
  }
  return objects
}

function collectObjects(node: ConfigNode, found: ConfigNode[]): readonly ConfigNode[] {
  if (typeof node.value !== 'object') return found
  if (isObject(node.value)) found.push(node)
  for (const child of childrenOf(node)) collectObjects(child, found)
  return found
}

function childrenOf(node: ConfigNode): readonly ConfigNode[] {
  return Array.isArray(node.value) ? node.items() : node.entries().map(([, below]) => below)
}
