import assert from 'node:assert/strict'
import { beforeAll } from '../support/before-all.ts'
import { until } from '../support/until.ts'
import { sharedStack } from './support/recorded-stack.ts'

describe('The link of a notice', function () {
  this.timeout(60_000)
  const stack = beforeAll(() => sharedStack())

  it('keeps its secret out of the logs of Envoy, authz and consent-ui', async () => {
    const secret = 'S'.repeat(43)
    const from = stack.lines.length
    const url = `${stack.origin}/connect/notice?k=${secret}.9999999999.${secret}`
    const answer = await fetch(url, { headers: { accept: 'text/html' } })
    assert.equal(answer.status, 404)
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer')
    await until(
      () => stack.lines.slice(from).some((line) => line.includes('/connect/notice')),
      'the access log',
    )
    assert.ok(!stack.lines.slice(from).some((line) => line.includes(secret)))
  })
})
