import assert from 'node:assert/strict'
import { coldTokens, readPlan, REQUESTS_PER_SECOND } from '../../bench/plan.ts'

describe('readPlan', () => {
  it('has at least three rounds by default', () => assert.ok(readPlan([]).rounds >= 3))

  it('reads held, stored and rounds, with and without --quick', () => {
    const plan = readPlan(['--held=100000', '--stored=1000000', '--rounds=5'])
    assert.deepEqual([plan.held, plan.stored, plan.rounds], [100_000, 1_000_000, 5])
    assert.equal(readPlan(['--held=200', '--quick']).held, 200)
    assert.ok(readPlan(['--quick']).openMs < readPlan([]).openMs)
  })

  for (const arg of ['--held=1', '--held=100001', '--stored=9999999', '--rounds=0', '--held', '--fast']) {
    it(`refuses ${arg}`, () => assert.throws(() => readPlan([arg]), TypeError))
  }
})

describe('coldTokens', () => {
  it('covers every request of every round', () => {
    const plan = { ...readPlan([]), rounds: 2, openMs: 1000, coldRequests: 10, warmUpRequests: 5 }
    assert.equal(coldTokens(plan), 5 + 2 * (REQUESTS_PER_SECOND + 10))
  })
})
