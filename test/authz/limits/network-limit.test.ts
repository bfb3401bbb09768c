import assert from 'node:assert/strict'
import { NetworkLimit } from '../../../authz/limits/network-limit.ts'

describe('NetworkLimit', () => {
  const A = [{ network: 'a', shares: 1 }]
  let nowMs: number
  let limit: NetworkLimit

  beforeEach(() => {
    nowMs = 1000
    limit = new NetworkLimit(() => nowMs)
  })

  /** How many one caller gets before the first that is one too many. */
  function taken(caller: string, shares = 1): number {
    let count = 0
    while (limit.take([{ network: caller, shares }])) count += 1
    return count
  }

  it('admits 50 credentials per network at once', () => {
    assert.equal(taken('203.0.113.1'), 50)
    assert.equal(taken('203.0.113.1'), 0)
    assert.equal(taken('203.0.113.2'), 50)
  })

  it('refills 5 per second, up to 50', () => {
    taken('a')
    nowMs += 199
    assert.equal(taken('a'), 0)
    nowMs += 801
    assert.equal(taken('a'), 5)
    nowMs += 3_600_000
    assert.equal(taken('a'), 50)
  })

  it('does not count refunded credentials', () => {
    for (let turn = 0; turn < 200; turn += 1) {
      assert.ok(limit.take(A))
      limit.refund(A)
    }
    assert.equal(taken('a'), 50)
  })

  it('never exceeds 50 through refunds', () => {
    for (let turn = 0; turn < 100; turn += 1) limit.refund(A)
    assert.equal(taken('a'), 50)
  })

  it('multiplies the limit by the network’s shares', () => {
    assert.equal(taken('range', 20), 1000)
    nowMs += 1000
    assert.equal(taken('range', 20), 100)
  })

  it('counts a request in each of its networks, and takes nothing when one of them is used up', () => {
    const site = { network: 'site', shares: 2 }
    const at = (subnet: number) => [{ network: `subnet ${subnet}`, shares: 1 }, site]
    let count = 0
    for (let subnet = 0; subnet < 10; subnet += 1) while (limit.take(at(subnet))) count += 1
    assert.equal(count, 100)
    limit.refund(at(0))
    assert.ok(limit.take(at(9)), 'a subnet was not charged where its site refused')
    assert.ok(!limit.take(at(9)))
  })
})
