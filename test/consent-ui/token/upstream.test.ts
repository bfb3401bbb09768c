import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { SESSION_CHANGES } from '../../../core/sessions/session-changes.ts'
import { listenTo } from '../../core/support/store.ts'
import { assertRefused, TestClient, tokensOf, type Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { dyingAt } from '../support/crash.ts'
import { approve } from '../support/person.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'
import { exchanged, ScriptedRegistry } from '../support/scripted-registry.ts'
import { sharedValkey } from '../support/store.ts'

/** A new credential is not renewed yet: renewal begins two access tokens before its end. */
const QUILT_TOKEN_SECONDS = 7500
const UNTIL_DUE_SECONDS = 600
/** Longer than a renewal claim that is never released. */
const CLAIM_IS_OVER_SECONDS = 35
/** At least as many as the Redis calls of one refresh. */
const MAX_CALLS = 16

/** The identity provider rotates its refresh token at each use. */
describe("The identity provider's refresh token of a session", () => {
  let provider: ScriptedIdentityProvider
  let connect: Connect
  let client: TestClient
  let tokens: Tokens

  beforeEach(async () => {
    provider = new ScriptedIdentityProvider()
    provider.givesRefreshTokens = true
    const registry = new ScriptedRegistry()
    const body = exchanged({ expires_in: QUILT_TOKEN_SECONDS })
    registry.odd = { '/api/token-exchange': { status: 200, body } }
    connect = await startConnect({
      identityProvider: (issuer, uri) => provider.listener(issuer, uri),
      registry: registry.listener,
    })
    client = await connect.client()
    tokens = await opened()
  })

  /** A new session with its own refresh token of the identity provider. */
  async function opened(): Promise<Tokens> {
    const browser = connect.browser()
    const callback = await approve(browser, await browser.open(client.authorizationUrl()))
    return tokensOf(await client.redeem(callback.searchParams.get('code') ?? ''))
  }

  async function refresh(): Promise<void> {
    tokens = tokensOf(await client.refresh(tokens.refresh_token))
  }

  function timesShown(): number[] {
    return provider.shown.map((token) => provider.shown.filter((other) => other === token).length)
  }

  it('T08: is used once by twenty parallel requests at two processes', async () => {
    await connect.passTime(QUILT_TOKEN_SECONDS)
    const other = new TestClient(await connect.secondProcess(), client)
    const shown = provider.shown.length
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? client : other).refresh(tokens.refresh_token),
      ),
    )
    assert.equal(new Set(answers.map((answer) => tokensOf(answer).refresh_token)).size, 1)
    assert.equal(provider.shown.length, shown + 1)
  })

  it('T08: still works for one session after another has ended, and is never used twice', async () => {
    const other = await opened()
    const lasting = provider.refreshToken
    await client.revoke(tokens.refresh_token)
    await connect.passTime(UNTIL_DUE_SECONDS)
    tokensOf(await client.refresh(other.refresh_token))
    assert.equal(provider.shown.at(-1), lasting)
    assert.ok(timesShown().every((times) => times === 1))
  })

  it('T08: may be lost if a process dies at any moment, and the session lives until its credential expires', async () => {
    for (let call = 1; call <= MAX_CALLS; call += 1) {
      const first = call === 1 ? tokens : await opened()
      await connect.passTime(UNTIL_DUE_SECONDS)
      const crash = { call, carriedOut: call % 2 === 0 }
      await dyingAt(connect.redis, crash, () => client.refresh(first.refresh_token))
      connect.redeploy()
      await connect.passTime(CLAIM_IS_OVER_SECONDS)
      const next = tokensOf(await client.refresh(first.refresh_token))
      assert.equal(decodeJwt(next.access_token).sid, decodeJwt(first.access_token).sid)
      await connect.passTime(QUILT_TOKEN_SECONDS)
      const last = await client.refresh(next.refresh_token)
      if (last.status !== 200) assertRefused(last, 'invalid_grant')
    }
    assert.ok(timesShown().every((times) => times <= 2))
  })

  it('T09: is used once after it was revoked, and the session ends when its credential expires', async () => {
    provider.refreshToken = 'revoked there'
    await connect.passTime(UNTIL_DUE_SECONDS)
    const shown = provider.shown.length
    const answers = await Promise.all(Array.from({ length: 20 }, () => client.refresh(tokens.refresh_token)))
    for (const answer of answers) assert.equal(answer.status, 200, answer.text)
    for (let round = 0; round < 5; round += 1) await refresh()
    assert.equal(provider.shown.length, shown + 1)
    const heard = await listenTo((await sharedValkey()).url, SESSION_CHANGES)
    await connect.passTime(QUILT_TOKEN_SECONDS)
    for (let round = 0; round < 5; round += 1) {
      assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
    }
    assert.equal(provider.shown.length, shown + 1)
    const { sid } = decodeJwt(tokens.access_token)
    assert.equal(await connect.redis.exists(`connect:{${String(sid)}}:session`), 0)
    assert.equal((JSON.parse(await heard.next()) as { session: string }).session, sid)
  })
})
