import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { HttpBrowser, type Page } from '../../support/http-browser.ts'
import { startConnect } from '../support/connect.ts'
import { approve, openConsent, signIn } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

const CALLBACK = '/connect/callback'

describe('Signing in', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  /** Stops before the identity provider; returns the URL of its sign-in. */
  async function begin(browser: HttpBrowser): Promise<string> {
    const page = await browser.open(client.authorizationUrl())
    assert.ok(page.url.startsWith(connect.organisation.identityProvider.origin), page.url)
    return page.url
  }

  /** Signs in with another browser; returns the callback URL. */
  async function signInElsewhere(url: string): Promise<string> {
    const elsewhere = new HttpBrowser([connect.organisation.identityProvider.origin])
    const page = await signIn(elsewhere, await elsewhere.open(url))
    assert.ok(page.url.startsWith(`${connect.origin}${CALLBACK}?`), page.url)
    return page.url
  }

  function cookieOf(browser: HttpBrowser): string | undefined {
    const cookie = browser.cookies.all('localhost').find(({ name }) => name.startsWith('quilt-connect-'))
    return cookie === undefined ? undefined : `${cookie.name}=${cookie.value}`
  }

  it('uses PKCE, state and nonce, with new values each time', async () => {
    const browser = new HttpBrowser([connect.origin])
    const asked = [new URL(await begin(browser)), new URL(await begin(browser))]
    for (const { searchParams } of asked) {
      assert.equal(searchParams.get('response_type'), 'code')
      assert.equal(searchParams.get('redirect_uri'), `${connect.origin}${CALLBACK}`)
      assert.equal(searchParams.get('scope'), 'openid email offline_access')
      assert.equal(searchParams.get('code_challenge_method'), 'S256')
    }
    for (const name of ['state', 'nonce', 'code_challenge']) {
      const values = asked.map(({ searchParams }) => searchParams.get(name) ?? '')
      assert.match(values[0] ?? '', /[A-Za-z0-9_-]{43}$/)
      assert.notEqual(values[0], values[1], name)
    }
  })

  it('asks for no refresh token on the page of connected applications', async () => {
    const page = await new HttpBrowser([connect.origin]).open(`${connect.origin}/connect/apps`)
    assert.equal(new URL(page.url).searchParams.get('scope'), 'openid email')
  })

  it('returns to its transaction, which asks for consent', async () => {
    const page = await openConsent(connect.browser(), client.authorizationUrl())
    assert.equal(page.status, 200)
    assert.match(new URL(page.url).pathname, /^\/connect\/authorize\/[A-Za-z0-9_-]{43}$/)
    assert.ok(page.text.includes(ADA.email))
  })

  it('sets a new cookie, and the old cookie does not know the user', async () => {
    const browser = connect.browser()
    const asked = await browser.open(client.authorizationUrl())
    const before = cookieOf(browser) ?? ''
    const consent = await signIn(browser, asked)
    assert.notEqual(cookieOf(browser), before)
    const thief = await connect.get(new URL(consent.url).pathname, { cookie: before })
    assert.equal(thief.status, 303)
    assert.ok(thief.headers.get('location')?.startsWith(connect.organisation.identityProvider.origin))
  })

  it('is used for the next request of the same browser, which still asks for consent', async () => {
    const browser = connect.browser()
    await openConsent(browser, client.authorizationUrl(), GRACE)
    const other = await connect.client('https://claude.ai/api/mcp/auth_callback', 'Claude')
    const page = await browser.open(other.authorizationUrl())
    assert.ok(page.text.includes(GRACE.email) && page.text.includes('claude.ai'))
  })

  it('expires after ten minutes: a page that was open longer asks for a new sign-in and continues', async () => {
    const browser = connect.browser()
    await openConsent(browser, client.authorizationUrl())
    await connect.passTime(590)
    const second = await browser.open(client.authorizationUrl())
    assert.ok(second.text.includes(ADA.email))
    await connect.passTime(20)
    const again = await browser.press(second, 'Continue')
    assert.ok(again.url.startsWith(connect.organisation.identityProvider.origin), again.text)
    const callback = await approve(browser, await signIn(browser, again))
    assert.ok(callback.searchParams.has('code'))
  })

  it('works in five tabs, begun one after the other', async () => {
    const browser = connect.browser()
    const tabs: Page[] = []
    for (let tab = 0; tab < 5; tab += 1) tabs.push(await browser.open(client.authorizationUrl()))
    // The demo has a cookie for each tab; we have one for all.
    const pages = await Promise.all(tabs.map((tab) => signIn(browser, tab)))
    const callbacks = await Promise.all(pages.map((page) => approve(browser, page)))
    assert.equal(new Set(callbacks.map(({ searchParams }) => searchParams.get('code'))).size, 5)
    assert.equal(
      browser.cookies.all('localhost').filter(({ name }) => name.startsWith('quilt-connect')).length,
      1,
    )
  })

  describe('refuses a callback', () => {
    /** Asserts a page that signs no user in. */
    async function assertRefused(browser: HttpBrowser, url: string, status = 400): Promise<void> {
      const page = await browser.open(url)
      assert.equal(page.status, status, page.text)
      assert.deepEqual(page.visited, [url])
      const next = await browser.open(client.authorizationUrl())
      assert.ok(next.url.startsWith(connect.organisation.identityProvider.origin), next.text)
    }

    it('negative test, authorize: login CSRF: in another browser, so an attacker cannot sign a victim in', async () => {
      const callback = await signInElsewhere(await begin(new HttpBrowser([connect.origin])))
      await assertRefused(new HttpBrowser([connect.origin]), callback)
    })

    it("in another known browser that arrives with an attacker's request", async () => {
      const victim = new HttpBrowser([connect.origin])
      await begin(victim)
      const callback = await signInElsewhere(await begin(new HttpBrowser([connect.origin])))
      await assertRefused(victim, callback)
    })

    it('with the cookie of another site on this machine', async () => {
      const browser = new HttpBrowser([connect.origin])
      const callback = await signInElsewhere(await begin(browser))
      const answer = await connect.get(callback.slice(connect.origin.length), {
        cookie: 'quilt-connect=planted',
      })
      assert.equal(answer.status, 400)
    })

    it('ten minutes after the login attempt began', async () => {
      const browser = new HttpBrowser([connect.origin])
      const callback = await signInElsewhere(await begin(browser))
      await connect.passTime(600)
      await assertRefused(browser, callback)
    })

    it('with the state of another login attempt', async () => {
      const browser = new HttpBrowser([connect.origin])
      const callback = new URL(await signInElsewhere(await begin(browser)))
      const other = new URL(await begin(browser))
      callback.searchParams.set('state', other.searchParams.get('state') ?? '')
      const page = await browser.open(callback.href)
      assert.equal(page.status, 403)
    })

    for (const query of [
      '',
      '?state=',
      '?state=x',
      '?code=x',
      '?state=x&state=y',
      '?error=access_denied',
      '?%ff=%00',
    ]) {
      it(`without a state of ours: ${query}`, async () => {
        const browser = new HttpBrowser([connect.origin])
        await begin(browser)
        await assertRefused(browser, `${connect.origin}${CALLBACK}${query}`)
      })
    }
  })

  it('continues while the operator makes another key current', async () => {
    const browser = new HttpBrowser([connect.origin])
    const callback = await signInElsewhere(await begin(browser))
    connect.rotateSealingKeys()
    const consent = await browser.open(callback)
    assert.equal(consent.status, 200, consent.text)
    connect.rotateSealingKeys()
    const approved = await approve(browser, consent)
    assert.ok(approved.searchParams.has('code'))
  })
})
