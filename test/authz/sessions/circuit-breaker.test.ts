import assert from 'node:assert/strict'
import { CircuitBreaker } from '../../../authz/sessions/circuit-breaker.ts'

describe('CircuitBreaker', () => {
  let nowMs: number
  let breaker: CircuitBreaker

  beforeEach(() => {
    nowMs = 1000
    breaker = new CircuitBreaker(() => nowMs)
  })

  it('admits all requests until a node hangs', () => {
    assert.ok(breaker.admit('a') && breaker.admit('a'))
    breaker.open('a')
    assert.ok(!breaker.admit('a'))
    assert.ok(breaker.admit('b'))
  })

  it('admits one request per half second while open', () => {
    breaker.open('a')
    nowMs += 499
    assert.ok(!breaker.admit('a'))
    for (let probe = 0; probe < 3; probe += 1) {
      nowMs += 500
      assert.deepEqual([breaker.admit('a'), breaker.admit('a')], [true, false])
    }
  })

  it('admits all requests again once closed', () => {
    breaker.open('a')
    breaker.open('b')
    breaker.close('a')
    assert.ok(breaker.admit('a') && breaker.admit('a'))
    assert.ok(!breaker.admit('b'))
    breaker.closeAll()
    assert.ok(breaker.admit('b') && breaker.admit('b'))
  })
})
