import assert from 'node:assert/strict'
import fc from 'fast-check'
import { readMessage } from '../../../authz/read-access/read-message.ts'
import { CORPUS, requestOf } from './support/corpus.ts'
import { readingOf, readingsOf } from './support/readings.ts'

const SEED = 6
const BODIES = 6_000

/** Texts that make two readings out of one, put in anywhere. */
const SPLICES = [
  ...[
    '"name":"package_create",',
    ',"name":"package_create"',
    '"Name":"x",',
    '"n\\u0061me":"x",',
    '"paramſ":{},',
  ],
  ...[
    '"method":"tools/call",',
    '"id":2,',
    '"METHOD":"ping",',
    '"result":1,',
    '\\u0000',
    '\0',
    '\\ud800',
    '\ufeff',
  ],
  ...[
    '{',
    '}',
    '[',
    ']',
    '"',
    ',',
    ':',
    '\\',
    '/',
    '//',
    '/*',
    '*/',
    "'",
    '0',
    '-',
    '1e999',
    '.5',
    'NaN',
    'null',
  ],
  ...[' ', '\n', '\t', '\u00a0', '\u200b', '\u017f', '\u212a'],
]

const bodies = CORPUS.map(({ bytes }) => bytes).filter((bytes) => bytes.length > 0 && bytes.length < 1_000)

const mutation = fc.oneof(
  { weight: 4, arbitrary: fc.record({ splice: fc.constantFrom(...SPLICES), at: fc.nat() }) },
  { weight: 2, arbitrary: fc.record({ flip: fc.integer({ min: 1, max: 255 }), at: fc.nat() }) },
  {
    weight: 2,
    arbitrary: fc.record({ copy: fc.integer({ min: 1, max: 40 }), from: fc.nat(), at: fc.nat() }),
  },
  { weight: 1, arbitrary: fc.record({ drop: fc.integer({ min: 1, max: 5 }), at: fc.nat() }) },
)
type Mutation = typeof mutation extends fc.Arbitrary<infer Value> ? Value : never

function mutate(body: Buffer, change: Mutation): Buffer {
  const at = change.at % (body.length + 1)
  if ('splice' in change) return splice(body, at, Buffer.from(change.splice))
  if ('copy' in change) {
    const from = change.from % (body.length + 1)
    return splice(body, at, body.subarray(from, from + change.copy))
  }
  if ('drop' in change) return Buffer.concat([body.subarray(0, at), body.subarray(at + change.drop)])
  const flipped = Buffer.from(body)
  flipped[at] = (flipped[at] ?? 0) ^ change.flip
  return flipped
}

function splice(body: Buffer, at: number, added: Uint8Array): Buffer {
  return Buffer.concat([body.subarray(0, at), added, body.subarray(at)])
}

describe('The strict JSON scanner', function () {
  it('G02: accepts no body that Node, Python or a case-insensitive parser reads differently', () => {
    const mutated = fc
      .tuple(fc.constantFrom(...bodies), fc.array(mutation, { minLength: 1, maxLength: 2 }))
      .map(([body, changes]) => changes.reduce(mutate, body))
    const tried = fc.sample(mutated, { seed: SEED, numRuns: BODIES })
    const readings = readingsOf(tried)
    let accepted = 0
    let disputed = 0
    for (const [index, bytes] of tried.entries()) {
      const { body } = requestOf({ bytes, headers: {} })
      const message = readMessage(bytes, body)
      const views = readings[index]
      assert.ok(views !== undefined)
      if (message.kind === 'fault') {
        if (new Set(Object.values(views).map((view) => JSON.stringify(view))).size > 1) disputed += 1
        continue
      }
      accepted += 1
      const judged = readingOf(message)
      for (const [parser, view] of Object.entries(views)) {
        assert.deepEqual(view, judged, `${parser} of ${bytes.toString('base64')}`)
      }
    }
    // That few of either would prove nothing.
    assert.ok(accepted > 300 && disputed > 300, `${accepted} accepted, ${disputed} disputed`)
  })
})
