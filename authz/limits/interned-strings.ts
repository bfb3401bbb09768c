import { LruMap } from './lru-map.ts'

/** Clients and services: far fewer are in use at once than tokens and sessions that name them. */
const TEXTS_REMEMBERED = 1000

/** Gives equal texts as one and the same, so that what a hundred thousand sessions say is in memory once. */
export class SharedTexts {
  readonly #texts = new LruMap<string>(TEXTS_REMEMBERED)

  share<Text extends string>(text: Text): Text {
    const known = this.#texts.get(text)
    if (known !== undefined) return known as Text
    this.#texts.set(text, text)
    return text
  }

  /** The object, with these of its members shared, as far as they are texts. */
  shareIn<Shape extends object>(object: Shape, names: readonly (keyof Shape)[]): Shape {
    const copy = { ...object }
    for (const name of names) {
      const value = copy[name]
      if (typeof value === 'string') copy[name] = this.share(value)
    }
    return copy
  }
}
