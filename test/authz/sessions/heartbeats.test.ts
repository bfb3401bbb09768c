import assert from 'node:assert/strict'
import { Hearing } from '../../../authz/sessions/heartbeats.ts'

describe('Hearing', () => {
  let hearing: Hearing

  beforeEach(() => {
    hearing = new Hearing()
  })

  /** Since when every change was heard of, by the only thing that it says: when that was two seconds ago. */
  function untilMs(): number | undefined {
    const times = Array.from({ length: 100 }, (_, index) => index * 100)
    return times.find((ms) => hearing.isAt(ms + 1999) && !hearing.isAt(ms + 2000))
  }

  it('is not there before the masters are known and each was heard', () => {
    assert.ok(!hearing.isAt(0))
    hearing.hear('a', 0)
    assert.ok(!hearing.isAt(0), 'no masters')
    hearing.know([], 0)
    assert.ok(!hearing.isAt(0), 'none of no masters')
    hearing.know(['a', 'b'], 0)
    hearing.hear('a', 0)
    assert.ok(!hearing.isAt(0), 'one of two')
    hearing.hear('b', 0)
    assert.ok(hearing.isAt(0))
  })

  it('lasts for less than two seconds from the sending of the oldest beat that counts', () => {
    hearing.know(['a', 'b'], 500)
    hearing.hear('a', 300)
    hearing.hear('b', 400)
    assert.equal(untilMs(), 300)
    hearing.hear('a', 600)
    assert.equal(untilMs(), 400)
  })

  it('does not outlive what is known of the masters', () => {
    hearing.know(['a'], 100)
    hearing.hear('a', 1000)
    assert.equal(untilMs(), 100)
  })

  it('does not go back for a beat that was overtaken', () => {
    hearing.know(['a'], 900)
    hearing.hear('a', 500)
    hearing.hear('a', 200)
    assert.equal(untilMs(), 500)
  })

  it('ends when a master takes over that was not heard yet, and begins with its first beat', () => {
    hearing.know(['a'], 0)
    hearing.hear('a', 0)
    hearing.know(['a', 'b'], 100)
    assert.ok(!hearing.isAt(100))
    hearing.hear('b', 100)
    assert.ok(hearing.isAt(100))
  })

  it('minds no master that is none any more, and trusts none that comes back', () => {
    hearing.know(['a', 'b'], 0)
    hearing.hear('a', 0)
    hearing.know(['a'], 100)
    assert.ok(hearing.isAt(100))
    hearing.hear('b', 100)
    hearing.know(['a'], 200)
    hearing.know(['a', 'b'], 300)
    assert.ok(!hearing.isAt(300))
  })

  it('ends with the connection', () => {
    hearing.know(['a'], 0)
    hearing.hear('a', 0)
    hearing.lose()
    assert.ok(!hearing.isAt(0))
  })

  it('measures the silence from the last moment up to which all was heard, whatever happened since', () => {
    assert.equal(hearing.silenceAt(0), Infinity)
    hearing.know(['a', 'b'], 100)
    hearing.hear('a', 200)
    assert.equal(hearing.silenceAt(200), Infinity)
    hearing.hear('b', 150)
    assert.equal(hearing.silenceAt(1100), 1000)
    hearing.lose()
    hearing.know(['c'], 5000)
    assert.equal(hearing.silenceAt(6100), 6000)
  })
})
