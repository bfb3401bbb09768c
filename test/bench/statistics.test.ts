import assert from 'node:assert/strict'
import { median, percentile } from '../../bench/statistics.ts'

describe('percentile', () => {
  const values = Array.from({ length: 200 }, (_, index) => 200 - index)

  it('returns the value that a share of all values does not exceed', () => {
    assert.equal(percentile(values, 0.5), 100)
    assert.equal(percentile(values, 0.99), 198)
    assert.equal(percentile(values, 1), 200)
    assert.equal(percentile([7], 0.01), 7)
  })

  it('compares numerically, and does not sort the given values', () => {
    const given = [10, 9, 100]
    assert.equal(median(given), 10)
    assert.deepEqual(given, [10, 9, 100])
  })

  it('returns NaN without values', () => assert.ok(Number.isNaN(median([]))))
})
