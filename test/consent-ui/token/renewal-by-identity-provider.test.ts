import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { RENEWAL_RETRY_SECONDS } from '../../../consent-ui/lifetimes.ts'
import { assertRefused, TestClient, tokensOf, type Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { approve } from '../support/person.ts'
import { ScriptedIdentityProvider, type OddAnswer } from '../support/scripted-identity-provider.ts'
import { exchanged, ScriptedRegistry } from '../support/scripted-registry.ts'
import { dump } from '../support/store.ts'

const EXCHANGE = '/api/token-exchange'
const QUILT_TOKEN_SECONDS = 7000

type Refusal = readonly [status: number, body: object]

function refuse(
  by: { odd: Readonly<Record<string, OddAnswer>> },
  path: string,
  [status, body]: Refusal,
): void {
  by.odd = { ...by.odd, [path]: { status, body: JSON.stringify(body) } }
}

/** The Registry gives no refresh token; the identity provider rotates its own. */
describe("A Quilt credential renewed by the identity provider's refresh token", () => {
  let provider: ScriptedIdentityProvider
  let registry: ScriptedRegistry
  let connect: Connect
  let client: TestClient
  let tokens: Tokens

  beforeEach(async () => {
    provider = new ScriptedIdentityProvider()
    provider.givesRefreshTokens = true
    registry = new ScriptedRegistry()
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

  it('is renewed with a new ID token each time, also after many rotations', async () => {
    for (let round = 1; round <= 3; round += 1) {
      const before = provider.refreshToken
      await refresh()
      assert.notEqual(provider.refreshToken, before)
      assert.equal(provider.shown.at(-1), before)
      assert.equal(provider.idTokens.length, round + 1)
    }
  })

  it('is renewed after the Registry failed once, with the rotated refresh token', async () => {
    const good = registry.odd
    registry.odd = { [EXCHANGE]: { status: 500, body: '{}' } }
    const used = provider.refreshToken
    await refresh()
    assert.notEqual(provider.refreshToken, used)
    registry.odd = good
    await connect.passTime(RENEWAL_RETRY_SECONDS)
    await refresh()
    assert.equal(new Set(provider.shown).size, 2, 'no refresh token was shown twice')
  })

  it('is renewed when the identity provider is back, and no session ends meanwhile', async () => {
    provider.isDown = true
    await connect.passTime(30)
    const asked = registry.asked.length
    await refresh()
    assert.deepEqual(registry.asked.slice(asked), ['/api/me'])
    await connect.passTime(QUILT_TOKEN_SECONDS)
    assertRefused(await client.refresh(tokens.refresh_token), 'temporarily_unavailable', 503)
    provider.isDown = false
    await connect.passTime(2 * RENEWAL_RETRY_SECONDS)
    await refresh()
  })

  const passing: Record<string, () => void> = {
    'the Registry that refuses the fresh ID token': () =>
      refuse(registry, EXCHANGE, [400, { error: 'invalid_request', error_description: 'no key for kid' }]),
    'the Registry that refuses it as an invalid grant': () =>
      refuse(registry, EXCHANGE, [400, { error: 'invalid_grant' }]),
    'the Registry that says the account is inactive': () =>
      refuse(registry, EXCHANGE, [403, { message: 'Account is inactive. Must have an active account.' }]),
    'the identity provider whose realm is off': () =>
      refuse(provider, '/token', [403, { error: 'access_denied', error_description: 'Realm not enabled' }]),
    'the identity provider that calls the request invalid': () =>
      refuse(provider, '/token', [400, { error: 'invalid_request' }]),
    'the Registry that does not know the new credential yet': () =>
      refuse(registry, '/api/me', [401, { message: 'Token invalid.' }]),
  }
  for (const [what, begin] of Object.entries(passing)) {
    it(`outlives a refusal by ${what}, even if it expires meanwhile, and the log says so`, async () => {
      const good = registry.odd
      await connect.passTime(QUILT_TOKEN_SECONDS)
      begin()
      assertRefused(await client.refresh(tokens.refresh_token), 'temporarily_unavailable', 503)
      registry.odd = good
      provider.odd = {}
      await connect.passTime(RENEWAL_RETRY_SECONDS)
      await refresh()
      const said = connect.lines.filter((line) => line.includes('not renewed yet'))
      assert.equal(said.length, 1)
      assert.match(said[0] ?? '', /"failures":1,"retryInSeconds":5/)
    })
  }

  it('is requested less and less often while renewals fail', async () => {
    provider.isDown = true
    const tries = (): number => connect.lines.filter((line) => line.includes('not renewed yet')).length
    const triesAfter: number[] = []
    for (let passed = 0; passed < 40; passed += 5) {
      await refresh()
      triesAfter.push(tries())
      await connect.passTime(5)
    }
    assert.deepEqual(triesAfter, [1, 2, 2, 3, 3, 3, 3, 4])
  })

  it('ends its session if it could not be renewed for a day after its expiry, so that the user can sign in again', async () => {
    provider.odd = { '/token': { status: 403, body: '{"error":"access_denied"}' } }
    await connect.passTime(QUILT_TOKEN_SECONDS)
    assertRefused(await client.refresh(tokens.refresh_token), 'temporarily_unavailable', 503)
    await connect.passTime(86_399)
    assertRefused(await client.refresh(tokens.refresh_token), 'temporarily_unavailable', 503)
    await connect.passTime(300)
    assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
  })

  it('is renewed with a rotated refresh token that arrived after the token request gave up', async () => {
    const used = provider.refreshToken
    const late = provider.holdTokens()
    await refresh()
    late.release()
    await connect.renewed()
    assert.notEqual(provider.refreshToken, used)
    await connect.passTime(QUILT_TOKEN_SECONDS)
    await refresh()
    assert.equal(new Set(provider.shown).size, 2, 'no refresh token was shown twice')
  })

  it('of a user who was removed there is used until it expires, and the provider is asked once', async () => {
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
    provider.claims = { sub: 'another-subject' }
    const asked = registry.asked.length
    await refresh()
    assert.ok(!registry.asked.slice(asked).includes(EXCHANGE))
  })

  it('is renewed once for many parallel requests after its expiry, and all of them get it', async () => {
    await connect.passTime(QUILT_TOKEN_SECONDS)
    const shown = provider.shown.length
    const other = new TestClient(await connect.secondProcess(), client)
    const answers = await Promise.all(
      [client, other, client, other].map((caller) => caller.refresh(tokens.refresh_token)),
    )
    assert.deepEqual(
      answers.map(({ status }) => status),
      [200, 200, 200, 200],
    )
    assert.equal(provider.shown.length, shown + 1)
  })

  it('never shares a refresh token with a second session', async () => {
    const browser = connect.browser()
    await approve(browser, await browser.open(client.authorizationUrl()))
    const next = await browser.open(client.authorizationUrl())
    assert.ok(next.visited.some((url) => url.includes('/connect/callback')))
  })

  it('is not renewed beyond the end of the session', async () => {
    const { sid } = decodeJwt(tokens.access_token)
    for (const days of [13, 13, 3]) {
      await connect.passTime(days * 86_400)
      await refresh()
    }
    await connect.passTime(86_400)
    assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
    assert.deepEqual(await connect.redis.keys(`connect:{${String(sid)}}:session`), [])
  })

  it('is in no log and not in Redis, nor is its refresh token', async () => {
    await refresh()
    const places = (await dump(connect.redis)) + connect.lines.join('\n')
    for (const secret of [...provider.shown, provider.refreshToken, ...provider.idTokens, 'quilt-token']) {
      assert.ok(!places.includes(secret), secret)
    }
  })
})
