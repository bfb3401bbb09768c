import assert from 'node:assert/strict'
import { readTimeout } from '../../../authz/grpc/deadline.ts'

describe('grpc-timeout', () => {
  const good: [text: string, milliseconds: number][] = [
    ['0m', 0],
    ['500m', 500],
    ['00000500m', 500],
    ['3S', 3000],
    ['2M', 120_000],
    ['1H', 3_600_000],
    ['99999999H', 99_999_999 * 3_600_000],
    ['2000u', 2],
    ['2000000n', 2],
  ]
  for (const [text, milliseconds] of good) {
    it(`reads ${text}`, () => assert.equal(readTimeout(text), milliseconds))
  }

  it('may be absent', () => assert.equal(readTimeout(undefined), undefined))

  for (const text of [
    '',
    '1',
    'm',
    '1s',
    '-1m',
    '+1m',
    '1.5S',
    '1 m',
    ' 1m',
    '1m ',
    '100000000m',
    '1m, 1m',
    '1x',
    '1m\n',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => readTimeout(text), { name: 'GrpcError', code: 13 })
    })
  }
})
