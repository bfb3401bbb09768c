import { isUtf8 } from 'node:buffer'

interface Span {
  readonly start: number
  /** The index after its last character. */
  readonly end: number
}

/** A JSON value with its position, so that a text can be edited without being rewritten. */
export type JsonNode = Span &
  (
    | JsonObject
    | JsonArray
    | { readonly kind: 'string'; readonly value: string }
    /** Unparsed: parsers differ in precision. */
    | { readonly kind: 'number'; readonly source: string }
    | { readonly kind: 'true' | 'false' | 'null' }
    /** Checked like the others, but deeper than any rule looks. */
    | { readonly kind: 'deep' }
  )

/** Members are in a Map: to JavaScript, no name in it is special. */
export interface JsonObject {
  readonly kind: 'object'
  readonly members: ReadonlyMap<string, JsonNode>
}

interface JsonArray {
  readonly kind: 'array'
  readonly items: readonly JsonNode[]
}

export type JsonFault =
  | 'empty'
  | 'not_utf8'
  | 'byte_order_mark'
  | 'syntax'
  | 'trailing_data'
  | 'too_deep'
  | 'too_many_values'
  | 'duplicate_key'
  | 'nul_in_key'
  | 'lone_surrogate'
  | 'number_out_of_range'

export class JsonFaultError extends Error {
  readonly fault: JsonFault

  constructor(fault: JsonFault) {
    super(`not JSON that every parser reads the same: ${fault}`)
    this.name = 'JsonFaultError'
    this.fault = fault
  }
}

/** Levels of objects and arrays; Envoy's parser stops at 100, Python's at the recursion limit. */
const MAX_DEPTH = 64

/** Reaches a tool's name in a list in a result in a batch; deeper values are checked but not kept. */
const KEPT_DEPTH = 6
const DEEP: JsonNode = { kind: 'deep', start: 0, end: 0 }

const BYTE_ORDER_MARK = '\ufeff'
const [TAB, LF, CR, SPACE] = [0x09, 0x0a, 0x0d, 0x20]
const [QUOTE, BACKSLASH] = [0x22, 0x5c]
const FIRST_PRINTABLE = SPACE
const [PLUS, MINUS, POINT, DIGIT_0, DIGIT_9, UPPER_E, LOWER_E] = [0x2b, 0x2d, 0x2e, 0x30, 0x39, 0x45, 0x65]
const [LOWER_A, LOWER_F] = [0x61, 0x66]

const NUMBER = /^-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$/
/** In a `\u` escape. */
const HEX_DIGITS = 4
const SHORT_ESCAPES: ReadonlySet<string> = new Set(['"', '\\', '/', 'b', 'f', 'n', 'r', 't'])

/**
 * Parses one JSON text (RFC 8259) and refuses everything that parsers read differently: duplicate keys, also in two
 * spellings; keys with NUL, where some end the key; lone surrogates, which some replace; numbers that some read as
 * infinite; anything before or after the value.
 *
 * @param maxValues - of the whole text: the cost depends on them more than on the length
 * @throws JsonFaultError
 */
export function scanJson(bytes: Uint8Array, maxValues = Infinity): JsonNode {
  if (!isUtf8(bytes)) throw new JsonFaultError('not_utf8')
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('utf8')
  return scanJsonText(text, maxValues)
}

export function scanJsonText(text: string, maxValues = Infinity): JsonNode {
  if (text.startsWith(BYTE_ORDER_MARK)) throw new JsonFaultError('byte_order_mark')
  return new Scanner(text, maxValues).document()
}

class Scanner {
  readonly #text: string
  #at = 0
  #valuesLeft: number

  constructor(text: string, maxValues: number) {
    this.#text = text
    this.#valuesLeft = maxValues
  }

  document(): JsonNode {
    this.#skipSpace()
    if (this.#at === this.#text.length) throw new JsonFaultError('empty')
    const root = this.#value(1)
    this.#skipSpace()
    if (this.#at < this.#text.length) throw new JsonFaultError('trailing_data')
    return root
  }

  #value(depth: number): JsonNode {
    this.#valuesLeft -= 1
    if (this.#valuesLeft < 0) throw new JsonFaultError('too_many_values')
    const start = this.#at
    switch (this.#text.charAt(start)) {
      case '{':
        return this.#object(depth)
      case '[':
        return this.#array(depth)
      case '"': {
        const value = this.#string()
        return { kind: 'string', value, start, end: this.#at }
      }
      case 't':
        return this.#literal('true')
      case 'f':
        return this.#literal('false')
      case 'n':
        return this.#literal('null')
      default:
        return this.#number()
    }
  }

  #object(depth: number): JsonNode {
    const start = this.#open(depth)
    const members = new Map<string, JsonNode>()
    if (!this.#closes('}')) {
      do {
        const key = this.#key()
        if (members.has(key)) throw new JsonFaultError('duplicate_key')
        const member = this.#value(depth + 1)
        members.set(key, depth < KEPT_DEPTH ? member : DEEP)
      } while (this.#goesOn('}'))
    }
    return { kind: 'object', members, start, end: this.#at }
  }

  #array(depth: number): JsonNode {
    const start = this.#open(depth)
    const items: JsonNode[] = []
    if (!this.#closes(']')) {
      do {
        this.#skipSpace()
        const item = this.#value(depth + 1)
        if (depth < KEPT_DEPTH) items.push(item)
      } while (this.#goesOn(']'))
    }
    return { kind: 'array', items, start, end: this.#at }
  }

  #open(depth: number): number {
    if (depth > MAX_DEPTH) throw new JsonFaultError('too_deep')
    return this.#at++
  }

  #closes(bracket: string): boolean {
    this.#skipSpace()
    if (this.#text[this.#at] !== bracket) return false
    this.#at += 1
    return true
  }

  #goesOn(bracket: string): boolean {
    if (this.#closes(bracket)) return false
    this.#expect(',')
    return true
  }

  #key(): string {
    this.#skipSpace()
    if (this.#text[this.#at] !== '"') throw new JsonFaultError('syntax')
    const key = this.#string()
    if (key.includes('\0')) throw new JsonFaultError('nul_in_key')
    this.#skipSpace()
    this.#expect(':')
    this.#skipSpace()
    return key
  }

  /** Checks the escapes, then lets JSON.parse decode them. */
  #string(): string {
    const start = this.#at++
    let escaped = false
    for (;;) {
      const code = this.#skipPlain()
      if (code === QUOTE) break
      // At the end of the text the code is NaN.
      if (code !== BACKSLASH) throw new JsonFaultError('syntax')
      this.#skipEscape()
      escaped = true
    }
    this.#at += 1
    if (!escaped) return this.#text.slice(start + 1, this.#at - 1)
    const value = JSON.parse(this.#text.slice(start, this.#at)) as string
    // Only escapes can contain half a surrogate pair: UTF-8 cannot.
    if (!value.isWellFormed()) throw new JsonFaultError('lone_surrogate')
    return value
  }

  /** Moves to the next quote, escape or control character. A local index is twice as fast as the field. */
  #skipPlain(): number {
    const text = this.#text
    let at = this.#at
    let code = text.charCodeAt(at)
    while (code >= FIRST_PRINTABLE && code !== QUOTE && code !== BACKSLASH) code = text.charCodeAt(++at)
    this.#at = at
    return code
  }

  #skipEscape(): void {
    const letter = this.#text.charAt(this.#at + 1)
    if (letter === 'u') this.#skipCodeUnit()
    else if (!SHORT_ESCAPES.has(letter)) throw new JsonFaultError('syntax')
    this.#at += 2
  }

  #skipCodeUnit(): void {
    for (let digit = 2; digit < 2 + HEX_DIGITS; digit += 1) {
      if (!isHexDigit(this.#text.charCodeAt(this.#at + digit))) throw new JsonFaultError('syntax')
    }
    this.#at += HEX_DIGITS
  }

  #number(): JsonNode {
    const start = this.#at
    while (isInNumber(this.#text.charCodeAt(this.#at))) this.#at += 1
    const source = this.#text.slice(start, this.#at)
    if (!NUMBER.test(source)) throw new JsonFaultError('syntax')
    if (!Number.isFinite(Number(source))) throw new JsonFaultError('number_out_of_range')
    return { kind: 'number', source, start, end: this.#at }
  }

  #literal(word: 'true' | 'false' | 'null'): JsonNode {
    const start = this.#at
    if (!this.#text.startsWith(word, start)) throw new JsonFaultError('syntax')
    this.#at += word.length
    return { kind: word, start, end: this.#at }
  }

  #skipSpace(): void {
    let at = this.#at
    while (isSpace(this.#text.charCodeAt(at))) at += 1
    this.#at = at
  }

  #expect(character: string): void {
    if (this.#text[this.#at] !== character) throw new JsonFaultError('syntax')
    this.#at += 1
  }
}

function isSpace(code: number): boolean {
  return code === SPACE || code === LF || code === CR || code === TAB
}

function isInNumber(code: number): boolean {
  if (code >= DIGIT_0) return code <= DIGIT_9 || code === UPPER_E || code === LOWER_E
  return code === PLUS || code === MINUS || code === POINT
}

function isHexDigit(code: number): boolean {
  // ASCII letters differ from their lower case by 0x20.
  const lower = code | 0x20
  return (code >= DIGIT_0 && code <= DIGIT_9) || (lower >= LOWER_A && lower <= LOWER_F)
}
