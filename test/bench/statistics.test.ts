import assert from 'node:assert/strict'
import { median, percentile } from '../../bench/statistics.ts'

describe('percentile', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index)

  it('is the value that a share of all values does not exceed', () => {
    assert.equal(percentile(values, 0.5), 100)
    assert.equal(percentile(values, 0.99), 198)
    assert.equal(percentile(values, 1), 200)
    assert.equal(percentile([7], 0.01), 7)
  })

  it('compares numbers as numbers, and leaves them in their order', () => {
    const given = [10, 9, 100]
    assert.equal(median(given), 10)
    assert.deepEqual(given, [10, 9, 100])
  })

  it('is no number where there is none', () => assert.ok(Number.isNaN(median([]))))
})
