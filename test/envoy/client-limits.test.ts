import assert from 'node:assert/strict'
import { http1 } from '../edge/support/http1.ts'
import { loneEnvoy } from '../edge/support/lone-envoy.ts'
import { beforeAll } from '../support/before-all.ts'

const MAX_AT_ONCE = 5
const OTHERS = 60

describe('The limit of one client address', function () {
  const edge = beforeAll(() =>
    loneEnvoy([
      [
        'max_tokens: 1000, tokens_per_fill: 500, fill_interval: 1s',
        `max_tokens: ${MAX_AT_ONCE}, tokens_per_fill: 1, fill_interval: 60s`,
      ],
    ]),
  )

  async function statusFor(address: string): Promise<number> {
    const lines = [`Host: ${edge.host}`, `X-Forwarded-For: ${address}`]
    return (await http1(edge.origin, { target: '/nothing', lines })).status
  }

  it('is not reset by requests from other addresses', async () => {
    for (let turn = 0; turn < MAX_AT_ONCE; turn += 1) assert.equal(await statusFor('192.0.2.1'), 503)
    assert.equal(await statusFor('192.0.2.1'), 429)
    for (let other = 0; other < OTHERS; other += 1) {
      assert.equal(await statusFor(`198.51.100.${other}`), 503)
    }
    assert.equal(await statusFor('192.0.2.1'), 429)
  })
})
