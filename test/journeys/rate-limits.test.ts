import assert from 'node:assert/strict'
import { recordedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

const LIMIT = 5

describe('Rate limits behind Envoy', function () {
  this.timeout(60_000)

  const stack = beforeAll(() =>
    recordedStack({ changes: { 'consent-ui': { RATE_LIMIT_REGISTER: `${LIMIT}/60` } } }),
  )

  async function register(headers: Record<string, string>): Promise<Response> {
    return await fetch(`${stack.origin}/auth/register`, {
      method: 'POST',
      body: JSON.stringify({ redirect_uris: ['http://localhost/cb'] }),
      headers: { 'content-type': 'application/json', ...headers },
    })
  }

  it('C04: count by the address that Envoy sees, whatever headers the client sends', async () => {
    for (let turn = 0; turn < LIMIT; turn += 1) assert.equal((await register({})).status, 201)
    for (const forged of [
      {},
      { 'x-envoy-external-address': '203.0.113.1' },
      { 'x-forwarded-for': '203.0.113.2' },
      { 'x-forwarded-for': '203.0.113.3, 203.0.113.4' },
      { 'x-real-ip': '203.0.113.5' },
      { forwarded: 'for=203.0.113.6' },
      { 'x-envoy-original-dst-host': '203.0.113.7:1' },
    ]) {
      const answer = await register(forged)
      assert.equal(answer.status, 429, JSON.stringify(forged))
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
      assert.equal(((await answer.json()) as { error: string }).error, 'too_many_requests')
    }
  })

  it('never limit discovery', async () => {
    for (let turn = 0; turn < 3 * LIMIT; turn += 1) {
      const answer = await fetch(`${stack.origin}/.well-known/oauth-authorization-server`)
      assert.equal(answer.status, 200)
      await answer.arrayBuffer()
    }
  })
})
