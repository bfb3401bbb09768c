import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { openCredential } from '../../core/sessions/session.ts'
import { SessionStore } from '../../core/sessions/session-store.ts'
import type { Page } from '../support/http-browser.ts'
import { readForm } from '../support/html-form.ts'
import { tokensOf, type Tokens } from './support/client.ts'
import { startConnect } from './support/connect.ts'
import { approve } from './support/person.ts'
import { ScriptedIdentityProvider } from './support/scripted-identity-provider.ts'
import { dump } from './support/store.ts'
import { beforeAll } from '../support/before-all.ts'

/** Runs one flow and looks for every secret in logs, URLs and Redis at each step. */
describe('A secret', () => {
  let consent: Page
  let code: string
  let tokens: Tokens
  const provider = new ScriptedIdentityProvider()
  const secrets = new Map<string, string>()

  const connect = beforeAll(() =>
    startConnect({ identityProvider: (issuer, uri) => provider.listener(issuer, uri) }),
  )
  const client = beforeAll(() => connect.client())
  const browser = beforeAll(() => connect.browser())

  before(() => {
    secrets.set(client.verifier, 'the code verifier')
  })

  async function assertHidden(): Promise<void> {
    for (const { name, value } of browser.cookies.all('localhost')) secrets.set(value, `the cookie ${name}`)
    const [store, log] = [await dump(connect.redis), connect.lines.join('\n')]
    for (const [secret, what] of secrets) {
      assert.ok(secret.length >= 20, what)
      assert.ok(!store.includes(secret), `${what} is in the store`)
      assert.ok(!log.includes(secret), `${what} is in the log`)
    }
  }

  it('of the sign-in is neither in the store nor in the log', async () => {
    consent = await browser.open(client.authorizationUrl())
    for (const url of consent.visited) {
      const { pathname, searchParams } = new URL(url)
      for (const name of ['nonce', 'code']) {
        const value = searchParams.get(name)
        if (value !== null) secrets.set(value, `the identity provider's ${name}`)
      }
      if (/^\/connect\/authorize\/./.test(pathname)) secrets.set(pathname.slice(-43), 'the transaction')
    }
    const state = new URL(consent.visited.find((url) => url.includes('nonce=')) ?? '').searchParams.get(
      'state',
    )
    secrets.set(state ?? '', 'our state')
    secrets.set(readForm(consent.text, consent.url).fields.csrf_token ?? '', "the form's token")
    for (const idToken of provider.idTokens) secrets.set(idToken, 'the ID token')
    assert.ok(secrets.size >= 7, [...secrets.values()].join())
    await assertHidden()
  })

  it('that stands for an approval is neither in the store nor in the log', async () => {
    code = (await approve(browser, consent)).searchParams.get('code') ?? ''
    secrets.set(code, 'the code')
    secrets.set(code.split('.')[1] ?? '', "the code's secret")
    await assertHidden()
  })

  it('of a session is neither in the store nor in the log', async () => {
    tokens = tokensOf(await client.redeem(code))
    const claims = decodeJwt(tokens.access_token)
    secrets.set(tokens.access_token, 'the access token')
    secrets.set(tokens.access_token.split('.')[1] ?? '', "the access token's claims")
    secrets.set(String(claims.k), 'the share')
    secrets.set(tokens.refresh_token, 'the refresh token')
    secrets.set(tokens.refresh_token.split('.')[3] ?? '', "the refresh token's secret")
    const session = await new SessionStore(connect.redis).find(String(claims.sid))
    assert.ok(session !== undefined)
    const credential = openCredential(connect.config.sealingKeys, session, String(claims.k))
    secrets.set(credential?.token ?? '', 'the Quilt credential')
    await assertHidden()
  })

  it('that follows another is neither in the store nor in the log', async () => {
    tokens = tokensOf(await client.refresh(tokens.refresh_token))
    secrets.set(tokens.refresh_token, 'the next refresh token')
    secrets.set(tokens.refresh_token.split('.')[3] ?? '', "the next refresh token's secret")
    await assertHidden()
  })

  it('is not in the log when something is refused, or fails', async () => {
    await client.redeem(code)
    await client.refresh(`${tokens.refresh_token}x`)
    await client.redeem(code, { client_id: 'x' })
    await browser.open(consent.visited.find((url) => url.includes('/connect/callback')) ?? '')
    provider.isDown = true
    // A new process has no discovery document yet.
    connect.redeploy()
    const stranger = connect.browser()
    const failed = await stranger.open(client.authorizationUrl())
    assert.equal(failed.status, 503)
    secrets.set(failed.url.slice(-43), 'the failed transaction')
    provider.isDown = false
    provider.odd = { '/token': { status: 200, body: `{"id_token":"${provider.idTokens[0] ?? ''}"` } }
    assert.equal((await stranger.open(client.authorizationUrl())).status, 503)
    provider.odd = {}
    await assertHidden()
  })

  it('is in no page but the one that needs it', () => {
    for (const [secret, what] of secrets) {
      if (what !== "the form's token" && what !== 'the transaction') {
        assert.ok(!consent.text.includes(secret), what)
      }
    }
  })
})
