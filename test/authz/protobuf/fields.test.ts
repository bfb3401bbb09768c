import assert from 'node:assert/strict'
import { Fields, MalformedMessage } from '../../../authz/protobuf/fields.ts'

/** Fields by number, with the text of those that have one. */
function walk(bytes: readonly number[]): [number, string?][] {
  const fields = new Fields(Buffer.from(bytes))
  const found: [number, string?][] = []
  while (fields.next()) {
    const { field } = fields
    found.push(field === 1 ? [field, fields.text()] : [field])
  }
  return found
}

describe('Fields', () => {
  it('passes over values of every kind', () => {
    const varint = [0x10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01]
    const fixed = [0x19, 1, 2, 3, 4, 5, 6, 7, 8, 0x25, 1, 2, 3, 4]
    assert.deepEqual(walk([...varint, ...fixed, 0x0a, 2, 0x61, 0xff]), [[2], [3], [4], [1, 'a\u00ff']])
  })

  it('reads numbers of fields that take two bytes', () => {
    assert.deepEqual(walk([0x82, 0x01, 1, 0]), [[16]])
  })

  for (const [fault, bytes] of [
    ['a length that its message does not have', [0x0a, 3, 0x61]],
    ['a length beyond all memory', [0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]],
    ['a number without an end', [0x10, ...Array.from({ length: 11 }, () => 0xff)]],
    ['a number that the message ends in', [0x10, 0x80]],
    ['field 0', [0x02, 0]],
    [
      'a key of more than 32 bits, of which the lower ones are those of field 1',
      [0x8a, 0x80, 0x80, 0x80, 0x10, 0],
    ],
    ['a group', [0x0b, 0x0c]],
    ['a kind of value that there is none of', [0x0f, 0]],
    ['a number where a text is read', [0x08, 1]],
  ] as const) {
    it(`refuses ${fault}`, () => assert.throws(() => walk(bytes), MalformedMessage))
  }

  it('does not let a message reach beyond itself', () => {
    const outer = new Fields(Buffer.from([0x0a, 2, 0x0a, 5, 1, 2, 3, 4, 5]))
    assert.ok(outer.next())
    assert.throws(() => outer.message().next(), MalformedMessage)
  })
})
