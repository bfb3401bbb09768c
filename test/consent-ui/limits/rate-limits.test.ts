import assert from 'node:assert/strict'
import { json, type Answer } from '../support/answer.ts'
import { assertRefused, TestClient, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { dump, keysAddedBy } from '../support/store.ts'
import { assertTooMany, Callers, from, REDIRECT_URI, newCaller, times } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

/** More pages than the sign-ins of these tests load. */
const PAGES = 20

describe('Rate limits', () => {
  let client: TestClient

  const connect = beforeAll(() =>
    startConnect({
      settings: {
        RATE_LIMIT_REGISTER: '3/60',
        RATE_LIMIT_AUTHORIZE: '3/60',
        RATE_LIMIT_PAGES: `${PAGES}/60`,
        RATE_LIMIT_TOKEN_FAILURES: '3/60',
        RATE_LIMIT_CODE_GUESSES: '3/60',
      },
    }),
  )
  const callers = beforeAll(() => new Callers(connect))

  before(async () => {
    const answer = await callers.register(newCaller())
    const id = String(json(answer).client_id)
    client = new TestClient(connect.origin, { id, redirectUri: REDIRECT_URI })
  })

  describe('on registrations', () => {
    it('refuse one too many from one address, with Retry-After', async () => {
      const headers = newCaller()
      assert.deepEqual(await times(3, () => callers.register(headers)), [201, 201, 201])
      assertTooMany(await callers.register(headers))
    })

    it('do not affect another address', async () => {
      const headers = newCaller()
      await times(4, () => callers.register(headers))
      assert.equal((await callers.register(newCaller())).status, 201)
    })

    it('C04: cannot be reset with X-Forwarded-For, X-Real-IP or Forwarded', async () => {
      const headers = newCaller()
      await times(3, () => callers.register(headers))
      for (const forged of [
        { 'x-forwarded-for': '203.0.113.1' },
        { 'x-real-ip': '203.0.113.2' },
        { forwarded: 'for=203.0.113.3' },
        { 'true-client-ip': '203.0.113.4', 'cf-connecting-ip': '203.0.113.5' },
      ]) {
        assertTooMany(await callers.register({ ...headers, ...forged }))
      }
    })

    it('C04: cannot be reset with another address of the same IPv6 network', async () => {
      await times(3, () => callers.register(from('2001:db8:1:2::1')))
      assertTooMany(await callers.register(from('2001:db8:1:2:ffff:ffff:ffff:ffff')))
      assert.equal((await callers.register(from('2001:db8:1:3::1'))).status, 201)
    })

    it('allow five times as many from an IPv6 /48, from any of its /64 networks', async () => {
      const subnet = (number: number) => from(`2001:db8:2:${number}::1`)
      for (let number = 0; number < 15; number += 1) {
        assert.equal((await callers.register(subnet(number))).status, 201, `${number}`)
      }
      assertTooMany(await callers.register(subnet(99)))
      assert.equal((await callers.register(from('2001:db8:3::1'))).status, 201)
    })

    it('count all requests that did not come through Envoy together', async () => {
      await times(3, () => callers.register({}))
      assertTooMany(await callers.register({}))
      assertTooMany(await callers.register({ 'x-envoy-external-address': 'not an address' }))
    })

    it('count refused requests too', async () => {
      const headers = newCaller()
      const statuses = await times(4, () => callers.register(headers, '{}'))
      assert.deepEqual(statuses, [400, 400, 400, 429])
    })

    it('allow more from the servers of Claude, which register for many users', async () => {
      const statuses = await times(5, () => callers.register(from('160.79.104.10')))
      assert.deepEqual(new Set(statuses), new Set([201]))
      const outside = from('160.79.112.1')
      await times(3, () => callers.register(outside))
      assertTooMany(await callers.register(outside))
    })

    it('are shared by all processes', async () => {
      const headers = newCaller()
      await times(3, () => callers.register(headers))
      const origin = await connect.secondProcess()
      const answer = await fetch(`${origin}/auth/register`, {
        method: 'POST',
        body: JSON.stringify({ redirect_uris: [REDIRECT_URI] }),
        headers: { 'content-type': 'application/json', ...headers },
      })
      assert.equal(answer.status, 429)
    })

    it('end after their interval', async () => {
      const headers = newCaller()
      await times(4, () => callers.register(headers))
      await connect.passTime(60)
      assert.equal((await callers.register(headers)).status, 201)
    })
  })

  describe('on authorization requests', () => {
    it('refuse one too many on a page with a link to try again', async () => {
      const headers = newCaller()
      assert.deepEqual(await times(3, () => callers.authorize(client, headers)), [303, 303, 303])
      const answer = await callers.authorize(client, headers)
      assert.equal(answer.status, 429)
      assert.match(answer.headers.get('content-type') ?? '', /^text\/html/)
      assert.match(answer.headers.get('retry-after') ?? '', /^\d+$/)
      assert.equal(answer.headers.get('location'), null)
      assert.match(answer.text, /Too many requests/)
      assert.match(answer.text, /Try again/)
    })

    it('apply at /authorize too', async () => {
      const headers = newCaller()
      await times(3, () => callers.authorize(client, headers))
      const { search } = new URL(client.authorizationUrl())
      assert.equal((await connect.get(`/authorize${search}`, headers)).status, 429)
    })
  })

  describe('on the pages of a sign-in', () => {
    for (const [method, path] of [
      ['GET', '/connect/authorize/made-up'],
      ['POST', '/connect/authorize/made-up'],
      ['GET', '/connect/callback?state=made-up'],
    ] as const) {
      it(`refuse one request too many from one address: ${method} ${path}`, async () => {
        const headers = newCaller()
        const load = async (): Promise<Answer> =>
          method === 'GET' ? await connect.get(path, headers) : await connect.post(path, {}, headers)
        assert.deepEqual(new Set(await times(PAGES, load)), new Set([400]))
        assert.equal((await load()).status, 429)
        assert.equal((await connect.get(path, newCaller())).status, 400)
      })
    }
  })

  describe('on failures at the token endpoint', () => {
    it('return 429 for one too many', async () => {
      const headers = newCaller()
      assert.deepEqual(await times(3, () => callers.refresh(client, 'nonsense', headers)), [400, 400, 400])
      assertTooMany(await callers.refresh(client, 'nonsense', headers))
    })

    it('never refuse a valid token or code', async () => {
      const headers = newCaller()
      const code = await codeFor(connect, client, {})
      const tokens = await tokensFor(connect, client)
      await times(5, () => callers.refresh(client, 'nonsense', headers))
      await times(5, () => callers.redeem(client, 'nonsense', headers))
      const refreshed = tokensOf(await callers.refresh(client, tokens.refresh_token, headers))
      tokensOf(await callers.redeem(client, code, headers))
      tokensOf(await callers.refresh(client, refreshed.refresh_token, headers))
    })

    it('count requests of an unknown client', async () => {
      const headers = newCaller()
      const ask = (): Promise<Answer> =>
        connect.post('/auth/token', { grant_type: 'refresh_token', client_id: 'x' }, headers)
      assert.deepEqual(await times(4, ask), [401, 401, 401, 429])
    })

    it('count code guesses separately', async () => {
      const headers = newCaller()
      assert.deepEqual(
        await times(4, () => callers.redeem(client, 'nonsense', headers)),
        [400, 400, 400, 429],
      )
      assert.equal((await callers.refresh(client, 'nonsense', headers)).status, 400)
    })

    it('count failures at the revocation endpoint, where revocation still works', async () => {
      const headers = newCaller()
      const tokens = await tokensFor(connect, client)
      const ask = (client_id: string): Promise<Answer> =>
        connect.post('/auth/revoke', { token: tokens.refresh_token, client_id }, headers)
      assert.deepEqual(await times(4, () => ask('x')), [401, 401, 401, 429])
      assert.equal((await ask(client.id)).status, 200)
      assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
    })
  })

  it('do not apply to discovery', async () => {
    const headers = newCaller()
    await times(4, () => callers.register(headers))
    await times(4, () => callers.refresh(client, 'nonsense', headers))
    for (const path of [
      '/.well-known/oauth-authorization-server',
      '/.well-known/oauth-protected-resource/mcp/platform/mcp',
      '/auth/.well-known/jwks.json',
      '/healthz',
    ]) {
      const statuses = await times(20, () => connect.get(path, headers))
      assert.deepEqual(new Set(statuses), new Set([200]), path)
    }
  })

  it('store only counts with a lifetime under hashed keys', async () => {
    const headers = from('203.0.113.77')
    const added = await keysAddedBy(connect.redis, async () => {
      await callers.register(headers)
      await callers.refresh(client, 'nonsense', headers)
    })
    const limits = added.filter((key) => key.startsWith('connect:limit:'))
    assert.equal(limits.length, 2, added.join())
    for (const key of limits) {
      assert.match(key, /^connect:limit:[A-Za-z]+:[A-Za-z0-9_-]{43}$/)
      const seconds = await connect.redis.ttl(key)
      assert.ok(seconds > 0 && seconds <= 60, `${key} lives ${seconds} s`)
      assert.match((await connect.redis.get(key)) ?? '', /^\d+$/)
    }
    const everything = await dump(connect.redis)
    assert.ok(!everything.includes('203.0.113.77'))
  })
})
