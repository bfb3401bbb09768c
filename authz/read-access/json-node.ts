/** Where a value stands in the text that it was read from. */
interface Span {
  readonly start: number
  /** The index after its last character. */
  readonly end: number
}

/** A JSON value, and where it stands, so that a text can be changed without being written anew. */
export type JsonNode = Span &
  (
    | JsonObject
    | JsonArray
    | { readonly kind: 'string'; readonly value: string }
    /** As it was written: what it is worth depends on who reads it. */
    | { readonly kind: 'number'; readonly source: string }
    | { readonly kind: 'true' | 'false' | 'null' }
    /** Read as strictly as the others, but too deep for anybody here to look at. */
    | { readonly kind: 'deep' }
  )

/** Has every member once; a Map, in which no name means anything to JavaScript. */
export interface JsonObject {
  readonly kind: 'object'
  readonly members: ReadonlyMap<string, JsonNode>
}

interface JsonArray {
  readonly kind: 'array'
  readonly items: readonly JsonNode[]
}

/** Why a text is not JSON that every parser reads the same. */
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
