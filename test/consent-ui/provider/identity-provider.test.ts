import assert from 'node:assert/strict'
import type { Page } from '../../support/http-browser.ts'
import type { TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'

const STRANGER = 'https://evil.example'
const long = 'x'.repeat(100_000)

describe('An identity provider', () => {
  let provider: ScriptedIdentityProvider
  let connect: Connect
  let client: TestClient

  beforeEach(async () => {
    provider = new ScriptedIdentityProvider()
    connect = await startConnect({ identityProvider: (issuer, uri) => provider.listener(issuer, uri) })
    client = await connect.client()
  })

  /** Asserts a 503 page with a URL that works again. */
  function assertUnavailable(
    page: Page,
    retryAt: RegExp,
    explanation = 'The identity provider sent an invalid response.',
  ): void {
    assert.equal(page.status, 503, page.text)
    assert.equal(page.headers.get('retry-after'), '5')
    assert.match(page.headers.get('content-type') ?? '', /^text\/html/)
    assert.ok(page.text.includes(`${explanation} Try again in a moment.`), page.text)
    const [, href = ''] = /<a href="([^"]*)">Try again<\/a>/.exec(page.text) ?? []
    assert.match(href, retryAt)
  }

  function titleOf(claims: object): string {
    if ('email_verified' in claims) return 'E-mail address not verified'
    if ('email' in claims) return 'No e-mail address'
    return 'exp' in claims ? 'Clocks differ' : 'Sign-in failed'
  }

  it('that names the user leads to the consent page', async () => {
    const page = await connect.browser().open(client.authorizationUrl())
    assert.equal(page.status, 200, page.text)
    assert.ok(page.text.includes('Authorize Application'))
  })

  describe('signs no user in', () => {
    const now = Math.floor(Date.now() / 1000)
    for (const [what, claims] of Object.entries({
      'with an e-mail address that it has not verified': { email_verified: false },
      'without email_verified': { email_verified: undefined },
      'with email_verified "false" as text': { email_verified: 'false' },
      'with email_verified 0': { email_verified: 0 },
      'without an e-mail address': { email: undefined },
      'with an empty e-mail address': { email: '' },
      'with e-mail addresses in a list': { email: ['ada@example.com'] },
      'with the nonce of another login attempt': { nonce: 'x'.repeat(43) },
      'without a nonce': { nonce: undefined },
      'with an ID token for another client': { aud: 'another' },
      'with an ID token for several clients, issued to another': {
        aud: ['connect+server', 'another'],
        azp: 'another',
      },
      'with an ID token of another issuer': { iss: STRANGER },
      'with an expired ID token': { iat: now - 7200, exp: now - 3600 },
      'without a subject': { sub: undefined },
    })) {
      it(what, async () => {
        provider.claims = claims
        const browser = connect.browser()
        const page = await browser.open(client.authorizationUrl())
        assert.equal(page.status, 403, page.text)
        assert.ok(page.text.includes(`<h1>${titleOf(claims)}</h1>`), page.text)
        provider.claims = {}
        const again = await browser.open(client.authorizationUrl())
        assert.ok(
          again.visited.some((url) => url.includes('/connect/callback')),
          'it has to sign in again',
        )
      })
    }

    for (const [what, callback] of Object.entries({
      'when it answers login_required': {
        error: 'login_required',
        error_description: long.slice(0, 2000),
      },
      'when the callback names another issuer': { iss: STRANGER },
    })) {
      it(what, async () => {
        provider.callback = callback
        const page = await connect.browser().open(client.authorizationUrl())
        assert.equal(page.status, 403, page.text)
        assert.ok(!page.text.includes('xxx'), 'the page repeats the description')
      })
    }

    it('when it refuses the code', async () => {
      provider.odd = { '/token': { status: 400, body: '{"error":"invalid_grant"}' } }
      assert.equal((await connect.browser().open(client.authorizationUrl())).status, 403)
    })
  })

  for (const verified of [true, 'true']) {
    it(`signs a user in with email_verified ${String(verified)}`, async () => {
      provider.claims = { email_verified: verified }
      assert.equal((await connect.browser().open(client.authorizationUrl())).status, 200)
    })
  }

  describe('with OIDC_EMAIL_VERIFIED=assumed', () => {
    beforeEach(() => {
      connect.redeploy({ OIDC_EMAIL_VERIFIED: 'assumed' })
    })

    it('signs a user in without email_verified', async () => {
      provider.claims = { email_verified: undefined }
      assert.equal((await connect.browser().open(client.authorizationUrl())).status, 200)
    })

    it('signs no user in with an address that it calls unverified', async () => {
      provider.claims = { email_verified: false }
      assert.equal((await connect.browser().open(client.authorizationUrl())).status, 403)
    })
  })

  it('whose ID tokens live for a minute signs the user in again after a minute, before the Registry is asked', async () => {
    provider.claims = { exp: Math.floor(Date.now() / 1000) + 60 }
    const browser = connect.browser()
    const page = await browser.open(client.authorizationUrl())
    await connect.passTime(60)
    const again = await browser.press(page, 'Continue')
    assert.ok(
      again.visited.some((url) => url.includes('/connect/callback')),
      again.text,
    )
    assert.equal(again.status, 200)
  })

  it('that is down before the sign-in is found when it is back', async () => {
    provider.isDown = true
    const browser = connect.browser()
    const page = await browser.open(client.authorizationUrl())
    assertUnavailable(page, /^\/connect\/authorize\/[\w-]{43}$/, 'The identity provider does not answer.')
    provider.isDown = false
    assert.equal((await browser.open(page.url)).status, 200)
  })

  for (const [what, odd] of Object.entries({
    'an error': { status: 500, body: '' },
    '503': { status: 503, body: '{"error":"temporarily_unavailable"}' },
    invalid_client: { status: 401, body: '{"error":"invalid_client"}' },
    unauthorized_client: { status: 400, body: '{"error":"unauthorized_client"}' },
    'an HTML page': { status: 200, body: '<html>', type: 'text/html' },
    nothing: { status: 200, body: '' },
    'half of an object': { status: 200, body: '{"access_token":' },
    'a redirect': { status: 302, body: '' },
  })) {
    it(`G05: that answers the code with ${what} signs no user in or out, and the sign-in can be tried again`, async () => {
      provider.odd = { '/token': odd }
      const browser = connect.browser()
      const page = await browser.open(client.authorizationUrl())
      assertUnavailable(page, /^\/connect\/authorize\/[\w-]{43}$/)
      provider.odd = {}
      const [, retry = ''] = /<a href="([^"]*)">Try again<\/a>/.exec(page.text) ?? []
      assert.equal((await browser.open(connect.origin + retry)).status, 200)
    })
  }

  for (const error of ['server_error', 'temporarily_unavailable', 'unauthorized_client']) {
    it(`that sends the browser back with ${error} counts as unavailable`, async () => {
      provider.callback = { error }
      assertUnavailable(await connect.browser().open(client.authorizationUrl()), /^\/connect\/authorize\//)
    })
  }

  for (const [what, body] of Object.entries({
    'an HTML page': '<html>',
    'a list': '[]',
    'an object with wrong types': '{"issuer":7,"authorization_endpoint":{}}',
    'that of another issuer': JSON.stringify({
      issuer: STRANGER,
      authorization_endpoint: `${STRANGER}/authorize`,
    }),
    'too large': `{"x":"${long}"}`,
  })) {
    it(`G05: whose discovery document is ${what} counts as unavailable`, async () => {
      provider.odd = { '/.well-known/openid-configuration': { status: 200, body } }
      const browser = connect.browser()
      const page = await browser.open(client.authorizationUrl())
      assertUnavailable(page, /^\/connect\/authorize\//)
      provider.odd = {}
      assert.equal((await browser.open(page.url)).status, 200)
    })
  }

  it('that is down does not stop refreshing, discovery or registration', async () => {
    provider.isDown = true
    assert.equal((await connect.get('/.well-known/oauth-authorization-server')).status, 200)
    assert.equal((await connect.register({ redirect_uris: ['http://localhost/cb'] })).status, 201)
  })
})
