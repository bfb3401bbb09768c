/** Copied into a JavaScript object, it gives that object inherited members. */
const PROTOTYPE = '__proto__'

/** MCP has no longer key. */
const MAX_KEY_LENGTH = 256
const ONLY_SIMPLE_LETTERS = /^[a-z]+$/
/** MCP's keys are ASCII. Folding other characters costs a hundred times as much as reading them. */
const ONLY_ASCII = /^[\0-\x7f]*$/
const CONTROL_CHARACTER = /\p{Cc}/u

/**
 * Keys that decide at one level of a message. Some parsers accept other spellings of them: Go's encoding/json ignores
 * case (`Name`, `paramſ`), others end a key at NUL or drop invisible characters. A key that is not one of these but
 * could be read as one is refused.
 */
export class DecidingKeys {
  readonly #exact: ReadonlySet<string>
  readonly #folded: ReadonlySet<string>

  constructor(...keys: readonly string[]) {
    this.#exact = new Set(keys)
    this.#folded = new Set(keys.map(fold))
  }

  /** True when one of the keys is another spelling of a deciding key. */
  haveVariantIn(keys: Iterable<string>): boolean {
    for (const key of keys) if (!this.#exact.has(key) && this.#isVariant(key)) return true
    return false
  }

  #isVariant(key: string): boolean {
    if (ONLY_SIMPLE_LETTERS.test(key)) return this.#folded.has(key)
    return key === PROTOTYPE || !isFoldable(key) || this.#folded.has(fold(key))
  }
}

export const MESSAGE_KEYS = new DecidingKeys('jsonrpc', 'id', 'method', 'params', 'result', 'error')

/** True when a text may be a spelling of an ASCII word. */
export function maySpell(word: string, text: string): boolean {
  return !isFoldable(text) || fold(text) === fold(word)
}

/** True when every parser reads a name or URI the same: it has no control characters, and no NUL ends it early. */
export function isPlain(text: string): boolean {
  return !CONTROL_CHARACTER.test(text)
}

function isFoldable(key: string): boolean {
  return key.length <= MAX_KEY_LENGTH && ONLY_ASCII.test(key)
}

/** Keeps lower-case letters and digits only: coarser than any parser. */
function fold(key: string): string {
  return key.toLowerCase().replaceAll(/[^a-z0-9]/g, '')
}
