import { LRUCache } from 'lru-cache'

/** Clients and services: far fewer than the tokens and sessions that name them. */
const MAX_STRINGS = 1000

/** Returns one instance for equal strings, so that strings in many sessions and tokens take memory once. */
export class InternedStrings {
  readonly #strings = new LRUCache<string, string>({ max: MAX_STRINGS })

  intern<Text extends string>(text: Text): Text {
    const known = this.#strings.get(text)
    if (known !== undefined) return known as Text
    this.#strings.set(text, text)
    return text
  }

  internMembers<Shape extends object>(object: Shape, names: readonly (keyof Shape)[]): Shape {
    const copy = { ...object }
    for (const name of names) {
      const value = copy[name]
      if (typeof value === 'string') copy[name] = this.intern(value)
    }
    return copy
  }
}
