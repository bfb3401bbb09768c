import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { HttpBrowser } from '../../support/http-browser.ts'
import { readForm } from '../../support/html-form.ts'
import { rawHttp } from '../../support/raw-http.ts'
import { startConnect } from '../support/connect.ts'
import { approve, callbackOf, openConsent, signIn } from '../support/person.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'
import { keysAddedBy } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

const CALLBACK = '/connect/callback'

describe('An attack in the browser', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  /** A browser that stops before the identity provider. */
  function stopsAtProvider(): HttpBrowser {
    return new HttpBrowser([connect.origin])
  }

  it('C01: an unregistered redirect URI gets a page and no redirect', async () => {
    const claude = await connect.client('https://claude.ai/api/mcp/auth_callback')
    for (const redirectUri of [
      'https://claude.ai/api/mcp/auth_callback/x',
      'https://claude.ai/api/mcp/auth_callbac',
      'https://evil.example/?https://claude.ai/api/mcp/auth_callback',
      'https://claude.ai@evil.example/api/mcp/auth_callback',
      'https://claude.ai.evil.example/api/mcp/auth_callback',
      'https://claude.ai:444/api/mcp/auth_callback',
      'https://claude.ai/api/mcp/auth_callback#x',
      'https://claude.ai/api/mcp/auth_callback?x=y',
      'https://claude.ai/api/mcp/x/../auth_callback',
      'https://claude.ai/api/mcp%2fauth_callback',
      'http://claude.ai/api/mcp/auth_callback',
      'claude://claude.ai/api/mcp/auth_callback',
      '//claude.ai/api/mcp/auth_callback',
      'https://CLAUDE.ai/api/mcp/auth_callback ',
    ]) {
      const page = await connect.browser().open(claude.authorizationUrl({ redirect_uri: redirectUri }))
      assert.equal(page.status, 400, redirectUri)
      assert.equal(page.headers.get('location'), null)
    }
  })

  it('C02: a request without S256 is refused: no challenge, no method, plain, or an unknown method', async () => {
    for (const changes of [
      { code_challenge: undefined, code_challenge_method: undefined },
      { code_challenge_method: undefined },
      { code_challenge_method: 'plain' },
      { code_challenge_method: 's256' },
      { code_challenge_method: 'S512' },
      { code_challenge: '' },
    ]) {
      const page = await connect.browser().open(client.authorizationUrl(changes))
      assert.equal(callbackOf(page).searchParams.get('error'), 'invalid_request')
    }
  })

  it("B01: a victim who opens an attacker's sign-in link gets no code issued, with or without consent", async () => {
    const attacker = stopsAtProvider()
    const atProvider = await attacker.open(client.authorizationUrl())
    const victim = connect.browser()
    const added = await keysAddedBy(connect.redis, async () => {
      const page = await signIn(victim, await victim.open(atProvider.url), ADA)
      assert.equal(page.status, 400, page.text)
      assert.ok(new URL(page.url).pathname === CALLBACK)
    })
    assert.deepEqual(added, [])
    assert.deepEqual(
      victim.cookies.all('localhost').filter(({ name }) => name.startsWith('quilt-')),
      [],
    )
  })

  it('B02: an attacker who began a request and polls it gets no code when the victim signs in', async () => {
    const attacker = stopsAtProvider()
    const asked = await attacker.open(client.authorizationUrl())
    const transaction = asked.visited.find((url) => /\/connect\/authorize\/[\w-]{43}$/.test(url)) ?? ''
    const victim = connect.browser()
    await signIn(victim, await victim.open(asked.url), ADA)
    const polled = await attacker.open(transaction)
    assert.ok(polled.url.startsWith(connect.organisation.identityProvider.origin), polled.url)
    const pressed = await attacker.submit(transaction, { decision: 'continue', csrf_token: 'x' })
    assert.ok(!pressed.url.includes('code='), pressed.url)
  })

  it('B03: the state of a login attempt works once, for ten minutes, and only in its own browser', async () => {
    const browser = stopsAtProvider()
    const atProvider = await browser.open(client.authorizationUrl())
    const elsewhere = new HttpBrowser([connect.organisation.identityProvider.origin])
    const { url: callback } = await signIn(elsewhere, await elsewhere.open(atProvider.url))
    assert.ok(callback.startsWith(connect.origin + CALLBACK))
    assert.equal((await stopsAtProvider().open(callback)).status, 400)
  })

  it('B03: the cookie of a request is __Host-, HttpOnly, Secure and Lax', async () => {
    const secure = await startConnect({ settings: { CONNECT_ORIGIN: 'https://connect.example' } })
    const { pathname, search } = new URL((await secure.client()).authorizationUrl())
    const [cookie = '', ...others] = (await secure.get(pathname + search)).headers.getSetCookie()
    assert.deepEqual(others, [])
    assert.match(cookie, /^__Host-quilt-connect-[\w-]{6}=[\w-]{43}; path=\/; /)
    for (const attribute of ['samesite=lax', 'secure', 'httponly']) assert.ok(cookie.includes(attribute))
    assert.doesNotMatch(cookie, /domain=/i)
  })

  it('B04: no page can be framed', async () => {
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    const expired = await browser.open(`${connect.origin}/connect/authorize/${'x'.repeat(43)}`)
    const unknown = await browser.open(client.authorizationUrl({ client_id: 'x' }))
    const forged = await browser.submit(consent.url, { decision: 'continue' })
    const sent = await browser.press(consent, 'Cancel')
    for (const { headers } of [consent, expired, unknown, forged, sent]) {
      assert.match(headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
      assert.equal(headers.get('x-frame-options'), 'DENY')
    }
  })

  it("B06: a form without its page's token is refused, and two tabs of one page give one answer", async () => {
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    const other = await openConsent(connect.browser(), client.authorizationUrl())
    const { csrf_token: foreign = '' } = readForm(other.text, other.url).fields
    for (const token of ['', 'x', foreign]) {
      const page = await browser.submit(consent.url, { decision: 'continue', csrf_token: token })
      assert.equal(page.status, 403)
    }
    const again = await browser.open(consent.url)
    const [first, second] = [await approve(browser, consent), await approve(browser, again)]
    assert.equal(first.href, second.href)
    assert.ok(first.searchParams.has('code'))
  })

  it('B07: consent for an application on this computer is never remembered', async () => {
    const browser = connect.browser()
    await approve(browser, await openConsent(browser, client.authorizationUrl()))
    for (const changes of [{}, { scope: 'platform offline_access' }, { prompt: '' }]) {
      const page = await browser.open(client.authorizationUrl(changes))
      assert.equal(page.status, 200)
      assert.ok(page.text.includes('Authorize Application'))
    }
  })

  it('B11: no parameter redirects a browser anywhere but to a registered callback', async () => {
    for (const name of ['return_to', 'next', 'redirect', 'redirect_url', 'continue', 'target_link_uri']) {
      for (const target of [
        '//evil.example',
        '/\\evil.example',
        'https:evil.example',
        'https://evil.example',
      ]) {
        const page = await connect.browser().open(client.authorizationUrl({ [name]: target }))
        assert.ok(
          page.visited.every((url) => !new URL(url).host.includes('evil')),
          page.visited.join(' '),
        )
      }
    }
  })

  for (const host of ['a@evil.example', 'evil.example', 'evil.example:443']) {
    it(`B12: Host ${host} is not repeated in any response`, async () => {
      const { pathname, search } = new URL(client.authorizationUrl({ response_mode: 'x' }))
      const answers = [
        await rawHttp(connect.origin, [`GET ${pathname}${search} HTTP/1.1`, `Host: ${host}`]),
        await rawHttp(connect.origin, [`GET http://${host}${pathname}${search} HTTP/1.1`, `Host: ${host}`]),
        await rawHttp(connect.origin, [
          'GET /.well-known/oauth-protected-resource HTTP/1.1',
          `Host: ${host}`,
        ]),
      ]
      for (const answer of answers) assert.ok(!answer.includes('evil'), answer)
      assert.ok(answers[0]?.includes(`iss=${encodeURIComponent(connect.origin)}`))
    })
  }

  it('B13: a client name is shown as text, without direction marks, and shortened', async () => {
    const name = `<script>alert(1)</script>\u202eedoC\u0000 ${'x'.repeat(10_000)}`
    const named = await connect.client('https://claude.ai/api/mcp/auth_callback', name)
    const page = await openConsent(connect.browser(), named.authorizationUrl())
    assert.ok(!page.text.includes('<script>alert') && !/[\u202e\0]/.test(page.text))
    const [, shown = ''] = /<strong>(.*?)<\/strong> wants to access/.exec(page.text) ?? []
    assert.ok(shown.includes('&#60;script&#62;'), shown)
    assert.ok(shown.length < 200, 'it is cut')
  })
})

describe('An e-mail address that differs slightly', () => {
  for (const email of [
    'ada@example.com@evil.example',
    '"ada@example.com"@evil.example',
    'ada@example.com.',
    'Ada@example.com',
    'ada@exаmple.com',
    ' ada@example.com',
    'ada+x@example.com',
  ]) {
    it(`B09: ${email} is another user, even if the identity provider asserts it`, async () => {
      const provider = new ScriptedIdentityProvider()
      const connect = await startConnect({
        identityProvider: (issuer, uri) => provider.listener(issuer, uri),
      })
      const client = await connect.client()
      provider.claims = { email }
      const browser = connect.browser()
      const page = await browser.press(await browser.open(client.authorizationUrl()), 'Continue')
      assert.equal(page.status, 403, page.text)
    })
  }
})
