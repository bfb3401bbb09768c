import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { assertRefused, TestClient, tokensOf, type Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { approve } from '../support/person.ts'
import { PliantIdentityProvider } from '../support/pliant-identity-provider.ts'
import { exchanged, PliantRegistry } from '../support/pliant-registry.ts'
import { dump } from '../support/store.ts'

const EXCHANGE = '/api/token-exchange'
const QUILT_TOKEN_SECONDS = 7000

/** A Registry that gives no refresh token, and an identity provider that rotates its own at each use. */
describe('The Quilt credential of an exchange, by the identity provider’s refresh token,', () => {
  let provider: PliantIdentityProvider
  let registry: PliantRegistry
  let connect: Connect
  let client: TestClient
  let tokens: Tokens

  beforeEach(async () => {
    provider = new PliantIdentityProvider()
    provider.givesRefreshTokens = true
    registry = new PliantRegistry()
    registry.odd = { [EXCHANGE]: { status: 200, body: exchanged({ expires_in: QUILT_TOKEN_SECONDS }) } }
    connect = await startConnect({
      identityProvider: (issuer, uri) => provider.listener(issuer, uri),
      registry: registry.listener,
    })
    client = await connect.client()
    tokens = await openSession()
  })

  async function openSession(): Promise<Tokens> {
    const browser = connect.browser()
    const callback = await approve(browser, await browser.open(client.authorizationUrl()))
    return tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
  }

  async function refresh(): Promise<Tokens> {
    tokens = tokensOf(await client.refresh(tokens.refresh_token))
    return tokens
  }

  it('is renewed with a new ID token each time, however often its refresh token is rotated', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const before = provider.refreshToken
      await refresh()
      assert.notEqual(provider.refreshToken, before)
      assert.equal(provider.shown.at(-1), before)
      assert.equal(provider.idTokens.length, round + 1)
    }
  })

  it('keeps a rotated refresh token where the Registry fails after it: the next attempt works', async () => {
    const good = registry.odd
    registry.odd = { [EXCHANGE]: { status: 500, body: '{}' } }
    const used = provider.refreshToken
    await refresh()
    assert.notEqual(provider.refreshToken, used)
    registry.odd = good
    await refresh()
    assert.equal(new Set(provider.shown).size, 2, 'no refresh token was shown twice')
  })

  it('waits for the identity provider, and ends no session while it is down', async () => {
    provider.isDown = true
    await connect.passTime(30)
    const asked = registry.asked.length
    await refresh()
    assert.deepEqual(registry.asked.slice(asked), ['/api/me'])
    await connect.passTime(QUILT_TOKEN_SECONDS)
    assertRefused(await client.refresh(tokens.refresh_token), 'temporarily_unavailable', 503)
    provider.isDown = false
    await refresh()
  })

  it('of somebody who was removed there lives until it is over, and the provider is asked once', async () => {
    provider.odd = { '/token': { status: 400, body: '{"error":"invalid_grant"}' } }
    await refresh()
    provider.odd = {}
    const shown = provider.shown.length
    await refresh()
    assert.equal(provider.shown.length, shown)
    await connect.passTime(QUILT_TOKEN_SECONDS)
    assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
    assert.equal(provider.shown.length, shown)
  })

  it('is not renewed with an ID token of another subject', async () => {
    provider.claims = { sub: 'somebody-else' }
    const asked = registry.asked.length
    await refresh()
    assert.ok(!registry.asked.slice(asked).includes(EXCHANGE))
  })

  it('that is over is got by one of many who come at once, and the others get it too', async () => {
    await connect.passTime(QUILT_TOKEN_SECONDS)
    const shown = provider.shown.length
    const other = new TestClient(await connect.secondProcess(), client)
    const answers = await Promise.all(
      [client, other, client, other].map((somebody) => somebody.refresh(tokens.refresh_token)),
    )
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    )
    assert.equal(provider.shown.length, shown + 1)
  })

  it('goes with a sign-in that counts once: two sessions never share a refresh token', async () => {
    const browser = connect.browser()
    await approve(browser, await browser.open(client.authorizationUrl()))
    const next = await browser.open(client.authorizationUrl())
    assert.ok(next.visited.some((url) => url.includes('/connect/callback')))
  })

  it('renews nothing beyond the life of the session', async () => {
    const { sid } = decodeJwt(tokens.access_token)
    for (const days of [13, 13, 3]) {
      await connect.passTime(days * 86_400)
      await refresh()
    }
    await connect.passTime(86_400)
    assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
    assert.deepEqual(await connect.redis.keys(`connect:{${String(sid)}}:session`), [])
  })

  it('is in no log and not in the store, nor is what renews it', async () => {
    await refresh()
    const places = (await dump(connect.redis)) + connect.lines.join('\n')
    for (const secret of [...provider.shown, provider.refreshToken, ...provider.idTokens, 'quilt-token']) {
      assert.ok(!places.includes(secret), secret)
    }
  })
})
