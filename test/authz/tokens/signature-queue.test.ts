import assert from 'node:assert/strict'
import { SignatureQueue } from '../../../authz/tokens/signature-queue.ts'
import type { VerifiedToken } from '../../../core/tokens/access-token.ts'

const REFUSED: VerifiedToken = { ok: false, fault: 'bad_signature' }

describe('SignatureQueue', () => {
  const waiting = { isGone: false }
  const gone = { isGone: true }
  let nowMs: number
  let proven: string[]
  let remembered: string[]
  let proofs: SignatureQueue

  beforeEach(() => {
    nowMs = 0
    proven = []
    remembered = []
    proofs = new SignatureQueue({ elapsedMs: () => nowMs, remember: (key) => void remembered.push(key) })
  })

  const ask = (key: string, caller = waiting): Promise<VerifiedToken | 'busy'> | 'busy' =>
    proofs.enqueue(
      key,
      () => {
        proven.push(key)
        return REFUSED
      },
      caller,
    )

  /** How many of so many new tokens are taken. */
  function takenOf(count: number): number {
    const keys = Array.from({ length: count }, (_, index) => `${nowMs}-${index}`)
    return keys.filter((key) => ask(key) !== 'busy').length
  }

  const allProven = async (): Promise<void> => {
    for (let turn = 0; turn < 1000; turn += 1) await new Promise(setImmediate)
  }

  it('verifies one signature per turn of the event loop, in order', async () => {
    void ask('a')
    void ask('b')
    void ask('c')
    assert.deepEqual(proven, [], 'the caller of a known token does not wait')
    for (const expected of [['a'], ['a', 'b'], ['a', 'b', 'c']]) {
      await new Promise(setImmediate)
      assert.deepEqual(proven, expected)
    }
  })

  it('verifies once for all callers with the same token', async () => {
    const answers = await Promise.all([ask('a'), ask('a'), ask('b'), ask('a')])
    assert.deepEqual(answers, [REFUSED, REFUSED, REFUSED, REFUSED])
    assert.deepEqual(proven, ['a', 'b'])
    assert.deepEqual(remembered, ['a', 'b'])
  })

  it('G04: skips a token when all callers are gone, and verifies it while one waits', async () => {
    assert.equal(await ask('a', gone), 'busy')
    assert.deepEqual([proven, remembered], [[], []])
    assert.deepEqual(await Promise.all([ask('a', gone), ask('a', waiting)]), [REFUSED, REFUSED])
    assert.deepEqual([proven, remembered], [['a'], ['a']])
  })

  it('accepts 600 at once and 2,000 per second, from all networks together', async () => {
    assert.equal(takenOf(1000), 600)
    await allProven()
    assert.equal(takenOf(1000), 0, 'no time has passed')
    nowMs += 50
    assert.equal(takenOf(1000), 100)
    nowMs += 50
    assert.equal(takenOf(1000), 100, 'the others still wait')
    nowMs += 50
    nowMs += 150
    assert.equal(takenOf(1000), 400)
    nowMs += 50
    assert.equal(takenOf(1000), 0, '600 wait')
    await allProven()
    nowMs += 60_000
    assert.equal(takenOf(1000), 600, 'what was not used is not saved up')
    await allProven()
    assert.equal(proven.length, 1800)
  })

  it('is busy when half of its capacity is used', async () => {
    assert.equal(takenOf(300), 300)
    assert.ok(!proofs.isBusy())
    assert.notEqual(ask('one more'), 'busy')
    assert.ok(proofs.isBusy())
    nowMs += 1000
    assert.ok(proofs.isBusy(), 'they still wait')
    await allProven()
    assert.ok(!proofs.isBusy())
  })

  it('takes no capacity for a token that already waits', () => {
    assert.equal(takenOf(599), 599)
    for (let count = 0; count < 500; count += 1) assert.notEqual(ask('a'), 'busy')
    assert.equal(ask('b'), 'busy')
  })

  it('rejects for the callers of a failed verification, and continues with the next', async () => {
    const failing = proofs.enqueue(
      'a',
      () => {
        throw new Error('no memory')
      },
      waiting,
    )
    const next = ask('b')
    await assert.rejects(async () => await failing, /no memory/)
    assert.equal(await next, REFUSED)
  })
})
