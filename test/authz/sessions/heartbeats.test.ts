import assert from 'node:assert/strict'
import { Heartbeats } from '../../../authz/sessions/heartbeats.ts'

describe('Heartbeats', () => {
  let heartbeats: Heartbeats

  beforeEach(() => {
    heartbeats = new Heartbeats()
  })

  /** Since when every change was heard of, by the only thing that it says: when that was two seconds ago. */
  function untilMs(): number | undefined {
    const times = Array.from({ length: 100 }, (_, index) => index * 100)
    return times.find((ms) => heartbeats.isLiveAt(ms + 1999) && !heartbeats.isLiveAt(ms + 2000))
  }

  it('is not there before the masters are known and each was heard', () => {
    assert.ok(!heartbeats.isLiveAt(0))
    heartbeats.receive('a', 0)
    assert.ok(!heartbeats.isLiveAt(0), 'no masters')
    heartbeats.setMasters([], 0)
    assert.ok(!heartbeats.isLiveAt(0), 'none of no masters')
    heartbeats.setMasters(['a', 'b'], 0)
    heartbeats.receive('a', 0)
    assert.ok(!heartbeats.isLiveAt(0), 'one of two')
    heartbeats.receive('b', 0)
    assert.ok(heartbeats.isLiveAt(0))
  })

  it('lasts for less than two seconds from the sending of the oldest beat that counts', () => {
    heartbeats.setMasters(['a', 'b'], 500)
    heartbeats.receive('a', 300)
    heartbeats.receive('b', 400)
    assert.equal(untilMs(), 300)
    heartbeats.receive('a', 600)
    assert.equal(untilMs(), 400)
  })

  it('does not outlive what is known of the masters', () => {
    heartbeats.setMasters(['a'], 100)
    heartbeats.receive('a', 1000)
    assert.equal(untilMs(), 100)
  })

  it('does not go back for a beat that was overtaken', () => {
    heartbeats.setMasters(['a'], 900)
    heartbeats.receive('a', 500)
    heartbeats.receive('a', 200)
    assert.equal(untilMs(), 500)
  })

  it('ends when a master takes over that was not heard yet, and begins with its first beat', () => {
    heartbeats.setMasters(['a'], 0)
    heartbeats.receive('a', 0)
    heartbeats.setMasters(['a', 'b'], 100)
    assert.ok(!heartbeats.isLiveAt(100))
    heartbeats.receive('b', 100)
    assert.ok(heartbeats.isLiveAt(100))
  })

  it('minds no master that is none any more, and trusts none that comes back', () => {
    heartbeats.setMasters(['a', 'b'], 0)
    heartbeats.receive('a', 0)
    heartbeats.setMasters(['a'], 100)
    assert.ok(heartbeats.isLiveAt(100))
    heartbeats.receive('b', 100)
    heartbeats.setMasters(['a'], 200)
    heartbeats.setMasters(['a', 'b'], 300)
    assert.ok(!heartbeats.isLiveAt(300))
  })

  it('ends with the connection', () => {
    heartbeats.setMasters(['a'], 0)
    heartbeats.receive('a', 0)
    heartbeats.reset()
    assert.ok(!heartbeats.isLiveAt(0))
  })

  it('measures the silence from the last moment up to which all was heard, whatever happened since', () => {
    assert.equal(heartbeats.lagAt(0), Infinity)
    heartbeats.setMasters(['a', 'b'], 100)
    heartbeats.receive('a', 200)
    assert.equal(heartbeats.lagAt(200), Infinity)
    heartbeats.receive('b', 150)
    assert.equal(heartbeats.lagAt(1100), 1000)
    heartbeats.reset()
    heartbeats.setMasters(['c'], 5000)
    assert.equal(heartbeats.lagAt(6100), 6000)
  })
})
