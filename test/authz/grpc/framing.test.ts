import assert from 'node:assert/strict'
import fc from 'fast-check'
import { frame, MessageReader } from '../../../authz/grpc/framing.ts'
import { STATUS } from '../../../authz/grpc/status.ts'
import { framed } from './support/raw-call.ts'

const LARGEST_BYTES = 100

describe('a reader of messages', () => {
  const messages = fc.array(fc.uint8Array({ maxLength: LARGEST_BYTES }), { maxLength: 6 })

  it('finds the messages that were sent, wherever the bytes are cut', () => {
    fc.assert(
      fc.property(messages, fc.array(fc.nat(40), { minLength: 1 }), (sent, cuts) => {
        const reader = new MessageReader(LARGEST_BYTES)
        const bytes = Buffer.concat(sent.map(frame))
        const found: Buffer[] = []
        for (let at = 0, cut = 0; at < bytes.length; cut += 1) {
          const end = at + 1 + (cuts[cut % cuts.length] ?? 0)
          found.push(...reader.push(bytes.subarray(at, end)))
          at = end
        }
        assert.deepEqual(
          found.map((one) => [...one]),
          sent.map((one) => [...one]),
        )
        assert.equal(reader.unfinished, false)
      }),
    )
  })

  it('says whether one is unfinished, from its first byte to its last but one', () => {
    const bytes = framed('abc')
    for (let end = 1; end < bytes.length; end += 1) {
      const reader = new MessageReader(LARGEST_BYTES)
      assert.deepEqual(reader.push(bytes.subarray(0, end)), [])
      assert.equal(reader.unfinished, true, `${end} bytes`)
    }
    assert.equal(new MessageReader(LARGEST_BYTES).unfinished, false)
  })

  const refused: [what: string, prefix: Buffer, code: number][] = [
    ['that is compressed', framed('', { flag: 1 }), STATUS.UNIMPLEMENTED],
    ['that is neither compressed nor not', framed('', { flag: 2 }), STATUS.INTERNAL],
    ['that is longer than it may be', framed('', { length: LARGEST_BYTES + 1 }), STATUS.RESOURCE_EXHAUSTED],
    ['of 4 GiB', framed('', { length: 2 ** 32 - 1 }), STATUS.RESOURCE_EXHAUSTED],
  ]
  for (const [what, prefix, code] of refused) {
    it(`refuses a message ${what}, by its prefix alone`, () => {
      const reader = new MessageReader(LARGEST_BYTES)
      assert.throws(() => reader.push(prefix), { name: 'GrpcError', code })
    })
  }

  it('takes a message as long as it may be', () => {
    const [message] = new MessageReader(LARGEST_BYTES).push(frame(Buffer.alloc(LARGEST_BYTES, 1)))
    assert.equal(message?.length, LARGEST_BYTES)
  })

  it('hands out messages that do not change when it reads on', () => {
    const reader = new MessageReader(LARGEST_BYTES)
    const [first] = reader.push(framed('first'))
    reader.push(framed('other'))
    assert.equal(first?.toString(), 'first')
  })
})
