import assert from 'node:assert/strict'
import { HungParts } from '../../../authz/sessions/circuit-breaker.ts'

describe('HungParts', () => {
  let nowMs: number
  let hung: HungParts

  beforeEach(() => {
    nowMs = 1000
    hung = new HungParts(() => nowMs)
  })

  it('may be asked until one hangs', () => {
    assert.ok(hung.mayAsk('a') && hung.mayAsk('a'))
    hung.hangs('a')
    assert.ok(!hung.mayAsk('a'))
    assert.ok(hung.mayAsk('b'))
  })

  it('lets one ask each half second', () => {
    hung.hangs('a')
    nowMs += 499
    assert.ok(!hung.mayAsk('a'))
    for (let probe = 0; probe < 3; probe += 1) {
      nowMs += 500
      assert.deepEqual([hung.mayAsk('a'), hung.mayAsk('a')], [true, false])
    }
  })

  it('lets all ask again once there was an answer', () => {
    hung.hangs('a')
    hung.hangs('b')
    hung.answered('a')
    assert.ok(hung.mayAsk('a') && hung.mayAsk('a'))
    assert.ok(!hung.mayAsk('b'))
    hung.clear()
    assert.ok(hung.mayAsk('b') && hung.mayAsk('b'))
  })
})
