import fc from 'fast-check'

/** A byte that continues nothing, a character cut short, one in more bytes than it needs, a surrogate, all ones. */
export const NOT_UTF8 = [[0x80], [0xe2, 0x82], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xff, 0xff]].map((bytes) =>
  Uint8Array.from(bytes),
)

/** Where in the bytes, from 0 to 1, so that it fits whatever their number is. */
const place = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true })

/** A change of any bytes. */
export const mutation = fc.oneof(
  fc.tuple(place, fc.nat(7)).map(([at, bit]) => (bytes: Buffer) => {
    const changed = Buffer.from(bytes)
    const index = Math.floor(at * bytes.length)
    if (index < bytes.length) changed[index] = (bytes[index] ?? 0) ^ (1 << bit)
    return changed
  }),
  place.map((at) => (bytes: Buffer) => bytes.subarray(0, at * bytes.length)),
  fc.tuple(place, fc.nat(20)).map(([at, length]) => (bytes: Buffer) => {
    return Buffer.concat([bytes.subarray(0, at * bytes.length), bytes.subarray(at * bytes.length + length)])
  }),
  fc
    .tuple(place, fc.oneof(fc.uint8Array({ maxLength: 20 }), fc.constantFrom(...NOT_UTF8)))
    .map(([at, added]) => (bytes: Buffer) => {
      return Buffer.concat([bytes.subarray(0, at * bytes.length), added, bytes.subarray(at * bytes.length)])
    }),
  // Fields repeated, up to more than a message may have.
  fc.tuple(place, place, fc.constantFrom(1, 2, 100)).map(([at, size, times]) => (bytes: Buffer) => {
    const start = Math.floor(at * bytes.length)
    const part = bytes.subarray(start, start + Math.ceil(size * (bytes.length - start)))
    const repeated = Array.from({ length: times }, () => part)
    return Buffer.concat([bytes.subarray(0, start), ...repeated, bytes.subarray(start)])
  }),
  // A field more at the end, of any number, wire type and content.
  fc.tuple(fc.nat(20), fc.nat(7), fc.uint8Array({ maxLength: 20 })).map(([number, type, content]) => {
    return (bytes: Buffer) =>
      Buffer.concat([bytes, Buffer.from([(number << 3) | type, content.length]), content])
  }),
)
