/** Copied into an object of JavaScript's, it lends that object members which it does not have itself. */
const PROTOTYPE = '__proto__'

/** No key of MCP is nearly as long. */
const LONGEST_KEY = 256
const ONLY_SIMPLE_LETTERS = /^[a-z]+$/
/** Nor has one any other character. To fold what Unicode has beside them costs a hundred times what reading it does. */
const ONLY_ASCII = /^[\0-\x7f]*$/

/**
 * Keys that decide at one level of a message. Some parsers take another spelling for them: Go's encoding/json
 * whatever Unicode folds to the same (`Name`, `paramſ`), others what is left of a key at NUL, or without
 * what can't be seen. So a key that is none of these but could be taken for one is refused where they decide.
 */
export class DecidingKeys {
  readonly #exact: ReadonlySet<string>
  readonly #folded: ReadonlySet<string>

  constructor(...keys: readonly string[]) {
    this.#exact = new Set(keys)
    this.#folded = new Set(keys.map(fold))
  }

  /** Whether one of these keys is a spelling of one that decides, and not that one. */
  haveVariantIn(keys: Iterable<string>): boolean {
    for (const key of keys) if (!this.#exact.has(key) && this.#isVariant(key)) return true
    return false
  }

  #isVariant(key: string): boolean {
    if (ONLY_SIMPLE_LETTERS.test(key)) return this.#folded.has(key)
    return key === PROTOTYPE || !isFoldable(key) || this.#folded.has(fold(key))
  }
}

/** Whether a text is another spelling of a word of ASCII, or that word, or may be. */
export function maySpell(word: string, text: string): boolean {
  return !isFoldable(text) || fold(text) === fold(word)
}

/** Of anything else it is not asked what it could be taken for. */
function isFoldable(key: string): boolean {
  return key.length <= LONGEST_KEY && ONLY_ASCII.test(key)
}

/** Letters and digits are what is left: coarser than any parser. */
function fold(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
