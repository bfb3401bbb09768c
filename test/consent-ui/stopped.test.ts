import assert from 'node:assert/strict'
import { beforeAll } from '../support/before-all.ts'
import type { Answer } from './support/answer.ts'
import { openApps } from './apps/support.ts'
import { assertRefused, type TestClient, type Tokens } from './support/client.ts'
import { startConnect } from './support/connect.ts'
import { openConsent, tokensFor } from './support/person.ts'

describe('consent-ui', () => {
  let client: TestClient
  let tokens: Tokens

  const connect = beforeAll(() => startConnect())

  beforeEach(async () => {
    connect.redeploy({ CONNECT_STOP: '' })
    client = await connect.client()
    tokens = await tokensFor(connect, client)
    connect.lines.length = 0
  })

  function assertSaysSo(answer: Answer): void {
    assertRefused(answer, 'temporarily_unavailable', 503)
    assert.match(answer.text, /The operator has stopped Quilt Connect for now/)
    assert.equal(answer.headers.get('retry-after'), '60')
  }

  describe('with CONNECT_STOP=all', () => {
    it('answers token and registration with 503, and takes the same refresh token again later', async () => {
      connect.redeploy({ CONNECT_STOP: 'all' })
      assertSaysSo(await client.refresh(tokens.refresh_token))
      assertSaysSo(await client.refresh('made-up'))
      assertSaysSo(await connect.register({ redirect_uris: ['http://localhost/cb'] }))
      assert.deepEqual(
        connect.lines.filter((line) => line.includes('request failed')),
        [],
        'the operator knows',
      )
      connect.redeploy({ CONNECT_STOP: '' })
      assert.equal((await client.refresh(tokens.refresh_token)).status, 200)
    })

    it('shows a page at authorize, and on the page of a sign-in that has begun', async () => {
      const browser = connect.browser()
      const consent = await openConsent(browser, client.authorizationUrl())
      connect.redeploy({ CONNECT_STOP: 'all' })
      for (const page of [
        await browser.open(client.authorizationUrl()),
        await browser.open(consent.url),
        await browser.press(consent, 'Continue', { access: 'full' }),
      ]) {
        assert.equal(page.status, 503)
        assert.equal(page.headers.get('retry-after'), '60')
        assert.match(page.text, /<h1>Stopped by the operator<\/h1>/)
        assert.match(page.text, /The operator has stopped Quilt Connect for now\. Try again later\./)
      }
    })

    it('still shows and ends connected applications, revokes, and answers discovery', async () => {
      connect.redeploy({ CONNECT_STOP: 'all' })
      const { page } = await openApps(connect)
      assert.match(page.text, /Claude Code/)
      for (const path of ['/.well-known/oauth-authorization-server', '/auth/.well-known/jwks.json'])
        assert.equal((await connect.get(path)).status, 200)
      assert.equal((await client.revoke(tokens.refresh_token)).status, 200)
      connect.redeploy({ CONNECT_STOP: '' })
      assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
    })
  })

  it('refuses new approvals for a stopped service, and refreshes sessions', async () => {
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    connect.redeploy({ CONNECT_STOP: 'platform' })
    for (const page of [
      await connect.browser().open(client.authorizationUrl()),
      await browser.open(consent.url),
      await browser.press(consent, 'Continue', { access: 'full' }),
    ]) {
      assert.equal(page.status, 503)
      assert.match(page.text, /The operator has stopped Quilt Platform MCP Server for now/)
    }
    assert.equal((await browser.press(consent, 'Cancel')).status, 303)
    assert.equal((await client.refresh(tokens.refresh_token)).status, 200)
  })
})
