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

  it('is not live before a heartbeat of every known master', () => {
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

  it('is live for less than two seconds after the oldest master’s heartbeat was sent', () => {
    heartbeats.setMasters(['a', 'b'], 500)
    heartbeats.receive('a', 300)
    heartbeats.receive('b', 400)
    assert.equal(untilMs(), 300)
    heartbeats.receive('a', 600)
    assert.equal(untilMs(), 400)
  })

  it('is not live longer than the list of masters is known', () => {
    heartbeats.setMasters(['a'], 100)
    heartbeats.receive('a', 1000)
    assert.equal(untilMs(), 100)
  })

  it('ignores a heartbeat older than the newest', () => {
    heartbeats.setMasters(['a'], 900)
    heartbeats.receive('a', 500)
    heartbeats.receive('a', 200)
    assert.equal(untilMs(), 500)
  })

  it('is not live with a new master until its first heartbeat', () => {
    heartbeats.setMasters(['a'], 0)
    heartbeats.receive('a', 0)
    heartbeats.setMasters(['a', 'b'], 100)
    assert.ok(!heartbeats.isLiveAt(100))
    heartbeats.receive('b', 100)
    assert.ok(heartbeats.isLiveAt(100))
  })

  it('ignores a removed master, and needs a new heartbeat when it returns', () => {
    heartbeats.setMasters(['a', 'b'], 0)
    heartbeats.receive('a', 0)
    heartbeats.setMasters(['a'], 100)
    assert.ok(heartbeats.isLiveAt(100))
    heartbeats.receive('b', 100)
    heartbeats.setMasters(['a'], 200)
    heartbeats.setMasters(['a', 'b'], 300)
    assert.ok(!heartbeats.isLiveAt(300))
  })

  it('is not live after the connection is lost', () => {
    heartbeats.setMasters(['a'], 0)
    heartbeats.receive('a', 0)
    heartbeats.reset()
    assert.ok(!heartbeats.isLiveAt(0))
  })

  it('measures the lag from the last moment with complete heartbeats', () => {
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
