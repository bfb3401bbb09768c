const VARINT = 0
const FIXED_64 = 1
const LENGTH_DELIMITED = 2
const FIXED_32 = 5

const FIXED_BYTES: Readonly<Record<number, number>> = { [FIXED_64]: 8, [FIXED_32]: 4 }
/** A field's number has 29 bits, and what kind its value is of 3. */
const LARGEST_KEY = 0xffff_ffff
/** Of a varint: 7 bits of the number in each. */
const MOST_VARINT_BYTES = 10

/** The bytes are no message; nothing of them is quoted. */
export class MalformedMessage extends Error {
  constructor(fault: string) {
    super(`a message that ${fault}`)
    this.name = 'MalformedMessage'
  }
}

/**
 * Walks over the fields of a message in protobuf's wire format, in their order. What nobody asks for is passed over
 * where it lies: of a request's thirty headers, a check looks at four.
 */
export class Fields {
  /** The number of the field that was come to last. */
  field = 0
  readonly #bytes: Buffer
  readonly #end: number
  #at: number
  #wireType = VARINT
  /** Where the field's value begins; it ends where the next field does. */
  #from = 0

  constructor(bytes: Buffer, from = 0, end = bytes.length) {
    this.#bytes = bytes
    this.#at = from
    this.#end = end
  }

  /**
   * Goes on to the next field, where there is one.
   *
   * @throws MalformedMessage
   */
  next(): boolean {
    if (this.#at === this.#end) return false
    const key = this.#varint()
    this.#wireType = key & 7
    this.field = key >>> 3
    if (this.field === 0 || key > LARGEST_KEY) throw new MalformedMessage('has a field of no valid number')
    this.#pass()
    return true
  }

  /** The field's value, one character for each byte. */
  text(): string {
    this.#mustBeDelimited()
    return this.#bytes.toString('latin1', this.#from, this.#at)
  }

  /** The fields of the message that the field holds. */
  message(): Fields {
    this.#mustBeDelimited()
    return new Fields(this.#bytes, this.#from, this.#at)
  }

  #pass(): void {
    this.#from = this.#at
    if (this.#wireType === VARINT) {
      this.#varint()
      return
    }
    const length = this.#wireType === LENGTH_DELIMITED ? this.#varint() : FIXED_BYTES[this.#wireType]
    if (length === undefined) throw new MalformedMessage('has a field of an unknown kind')
    if (this.#wireType === LENGTH_DELIMITED) this.#from = this.#at
    if (length > this.#end - this.#at) throw new MalformedMessage('ends too soon')
    this.#at += length
  }

  #varint(): number {
    const first = this.#bytes[this.#at]
    if (first !== undefined && first < 0x80 && this.#at < this.#end) {
      this.#at += 1
      return first
    }
    return this.#longVarint()
  }

  #longVarint(): number {
    let value = 0
    for (let index = 0; index < MOST_VARINT_BYTES; index += 1) {
      if (this.#at === this.#end) break
      const byte = this.#bytes[this.#at] ?? 0
      this.#at += 1
      value += (byte & 0x7f) * 2 ** (7 * index)
      if (byte < 0x80) return value
    }
    throw new MalformedMessage('has a number without an end')
  }

  #mustBeDelimited(): void {
    if (this.#wireType !== LENGTH_DELIMITED) throw new MalformedMessage('has a value of another kind')
  }
}
