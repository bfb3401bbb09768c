// Protobuf's wire format, as far as the answers to checks need it. A message is made as a text of one character for
// each byte: pieces of text are put together without being copied, and become bytes once, at the end.

/** A message, or a piece of one. */
export type ByteText = string

const VARINT = 0
const LENGTH_DELIMITED = 2

/** A field that holds a number: 0 or more, and whole. */
export function numberField(field: number, value: number): ByteText {
  return keyOf(field, VARINT) + varint(value)
}

/** A field that holds a message. */
export function messageField(field: number, message: ByteText): ByteText {
  return keyOf(field, LENGTH_DELIMITED) + varint(message.length) + message
}

/** A field that holds a text, in UTF-8. */
export function textField(field: number, text: string): ByteText {
  return messageField(field, ASCII.test(text) ? text : Buffer.from(text).toString('latin1'))
}

export function bytesOf(message: ByteText): Buffer {
  return Buffer.from(message, 'latin1')
}

const ASCII = /^[\x00-\x7f]*$/
/** Those up to here take one byte, and have no number above it here. */
const LAST_SHORT_FIELD = 15
const PAYLOAD_BITS = 7
const MORE = 0x80

function keyOf(field: number, wireType: number): ByteText {
  if (field > LAST_SHORT_FIELD) throw new TypeError('fields of larger numbers are not written')
  return String.fromCharCode((field << 3) | wireType)
}

function varint(value: number): ByteText {
  let rest = value
  let text = ''
  for (; rest >= MORE; rest >>>= PAYLOAD_BITS) text += String.fromCharCode((rest & (MORE - 1)) | MORE)
  return text + String.fromCharCode(rest)
}
