import { isObject, type Spot } from './spot.ts'
import { typeNamed } from './types.ts'

/** Every message of a type, however deep it lies: what is nested where no rule expects it is found all the same. */
export function messagesOf(spot: Spot, type: string): readonly Spot[] {
  const found: Spot[] = []
  visitObjects(spot, (object) => {
    if (typeNamed(object.at('@type').text) === type) found.push(object)
  })
  return found
}

/** Every place that a field of one of these names leads to. */
export function fieldsNamed(spot: Spot, names: readonly string[]): readonly Spot[] {
  const found: Spot[] = []
  visitObjects(spot, (object) => {
    for (const name of names) {
      const field = object.at(name)
      if (field.exists) found.push(field)
    }
  })
  return found
}

/** Every text in a configuration. */
export function textsIn(spot: Spot): readonly Spot[] {
  return spot.text === undefined ? childrenOf(spot).flatMap(textsIn) : [spot]
}

function visitObjects(spot: Spot, visit: (object: Spot) => void): void {
  if (typeof spot.value !== 'object') return
  if (isObject(spot.value)) visit(spot)
  for (const child of childrenOf(spot)) visitObjects(child, visit)
}

function childrenOf(spot: Spot): readonly Spot[] {
  return Array.isArray(spot.value) ? spot.items() : spot.entries().map(([, below]) => below)
}
