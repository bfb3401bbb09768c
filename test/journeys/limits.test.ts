import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../deploy/demo/people.ts'
import { http2Session, pseudoHeaders } from '../edge/support/http2.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { until } from '../support/until.ts'
import { connectedUser } from './support/connected-user.ts'
import { recordedStack } from './support/recorded-stack.ts'
import { beforeAll } from '../support/before-all.ts'

const MIB = 1_048_576
/** Less than the limit of a body, so that Envoy goes on waiting for the rest. */
const UNFINISHED_BYTES = 9 * MIB
const UPLOADS = 12
const MAX_REGISTRATIONS = 5

describe('Limits behind Envoy', function () {
  this.timeout(60_000)

  const stack = beforeAll(() =>
    recordedStack({
      changes: { 'consent-ui': { RATE_LIMIT_REGISTER: `${MAX_REGISTRATIONS}/60` } },
      changeEnvoyConfig: (rendered) =>
        rendered.replace('max_heap_size_bytes: 402653184', `max_heap_size_bytes: ${80 * MIB}`),
    }),
  )
  const ada = beforeAll(() => connectedUser(stack, ADA))
  const grace = beforeAll(() => connectedUser(stack, GRACE))

  it('cut off one client’s uploads that never end, and other requests continue', async () => {
    const session = http2Session(stack.origin)
    closeAfterAll(() => session.destroy())
    const head = [
      ...pseudoHeaders(stack.origin, new URL(stack.mcpUrl).pathname, 'POST'),
      ...['authorization', `Bearer ${ada.accessToken}`, 'content-type', 'application/json'],
    ]
    let cut = 0
    for (let upload = 0; upload < UPLOADS; upload += 1) {
      const stream = session.request(head, { endStream: false })
      stream.on('error', () => (cut += 1))
      stream.resume()
      await new Promise((taken) => stream.write(Buffer.alloc(UNFINISHED_BYTES, ' '), taken))
      await until(async () => (await grace.ask()).status === 200, 'room for others')
    }
    assert.ok(cut > 0)
  })

  async function register(headers: Record<string, string>): Promise<Response> {
    return await fetch(`${stack.origin}/auth/register`, {
      method: 'POST',
      body: JSON.stringify({ redirect_uris: ['http://localhost/cb'] }),
      headers: { 'content-type': 'application/json', ...headers },
    })
  }

  it('C04: count registrations by the address that Envoy sees, whatever headers the client sends', async () => {
    // Two applications are registered already.
    for (let turn = 2; turn < MAX_REGISTRATIONS; turn += 1) assert.equal((await register({})).status, 201)
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

  it('never apply to discovery', async () => {
    for (let turn = 0; turn < 3 * MAX_REGISTRATIONS; turn += 1) {
      const answer = await fetch(`${stack.origin}/.well-known/oauth-authorization-server`)
      assert.equal(answer.status, 200)
      await answer.arrayBuffer()
    }
  })
})
