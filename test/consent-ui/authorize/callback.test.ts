import assert from 'node:assert/strict'
import { connect as connectTcp } from 'node:net'
import { once } from 'node:events'
import { HttpBrowser, type Page } from '../../support/http-browser.ts'
import { ask, type HeaderFields } from '../support/answer.ts'
import { startConnect } from '../support/connect.ts'
import { approve, openConsent, signIn } from '../support/person.ts'
import { atOnce, dump } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('The identity provider’s callback', () => {
  let browser: HttpBrowser
  let callback: string

  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    browser = new HttpBrowser([connect.origin])
    const { url } = await browser.open(client.authorizationUrl())
    const elsewhere = new HttpBrowser([connect.organisation.identityProvider.origin])
    callback = (await signIn(elsewhere, await elsewhere.open(url))).url
  })

  function assertConsent(page: Page): void {
    assert.equal(page.status, 200, page.text)
    assert.ok(page.text.includes('Authorize Application'))
  }

  it('redirects to the consent page both times if it is loaded twice', async () => {
    assertConsent(await browser.open(callback))
    assertConsent(await browser.open(callback))
  })

  it('signs in once if it is loaded twice at the same moment', async () => {
    const pages = await atOnce(connect.redis, 2, () => browser.open(callback))
    assert.ok(pages.some(({ text }) => text.includes('Authorize Application')))
    for (const page of pages) assert.ok(page.status < 400, page.text)
    assertConsent(await browser.open(callback))
  })

  it('restarts the sign-in, not the request, if the browser gave up before the response', async () => {
    const { hostname, port, pathname, search } = new URL(callback)
    const socket = connectTcp(Number(port), hostname)
    const cookie = browser.cookies.header(callback)
    socket.write(
      `GET ${pathname}${search} HTTP/1.1\r\nhost: ${hostname}:${port}\r\ncookie: ${cookie}\r\n\r\n`,
    )
    await once(socket, 'data')
    socket.destroy()
    const again = await browser.open(callback)
    assert.ok(again.url.startsWith(connect.organisation.identityProvider.origin), again.text)
  })

  it('redirects to the current page of an answered request', async () => {
    const consent = await browser.open(callback)
    const sent = await approve(browser, consent)
    await client.redeem(sent.searchParams.get('code') ?? '')
    const page = await browser.open(callback)
    assert.equal(page.status, 409)
    assert.ok(page.text.includes('You have already answered'))
  })

  it('refuses another browser, which does not use the attempt up', async () => {
    const stranger = new HttpBrowser([connect.origin])
    assert.equal((await stranger.open(callback)).status, 400)
    assertConsent(await browser.open(callback))
    assert.equal((await stranger.open(callback)).status, 400)
  })

  describe('and every other page, when a browser prefetches it,', () => {
    const AHEAD: readonly HeaderFields[] = [
      { 'sec-purpose': 'prefetch' },
      { 'sec-purpose': 'prefetch;prerender' },
      { 'sec-purpose': 'prefetch;anonymous-client-ip' },
      { purpose: 'prefetch' },
      { 'x-purpose': 'preview' },
      { 'x-moz': 'prefetch' },
    ]

    async function entries(): Promise<string[]> {
      return (JSON.parse(await dump(connect.redis)) as unknown[]).map((entry) => JSON.stringify(entry)).sort()
    }

    for (const headers of AHEAD) {
      it(`begins and ends nothing: ${JSON.stringify(headers)}`, async () => {
        const request = new URL(client.authorizationUrl())
        const urls = [callback, request.href, `${connect.origin}/connect/apps`]
        const before = await entries()
        for (const url of urls) {
          const cookie = browser.cookies.header(url)
          const answer = await ask(url, { headers: { ...headers, cookie } })
          // A browser must keep a usable response and drop this one.
          assert.equal(answer.status, 503)
          assert.equal(answer.headers.get('cache-control'), 'no-store')
          assert.deepEqual(answer.headers.getSetCookie(), [])
        }
        assert.deepEqual(await entries(), before)
        assertConsent(await browser.open(callback))
      })
    }

    it('answers no transaction', async () => {
      const consent = await browser.open(callback)
      const cookie = browser.cookies.header(consent.url)
      const answer = await ask(consent.url, { headers: { 'sec-purpose': 'prefetch', cookie } })
      assert.equal(answer.status, 503)
      assert.ok((await approve(browser, consent)).searchParams.has('code'))
    })
  })

  it('redirects to the client with access_denied if the user was not signed in', async () => {
    const person = connect.browser()
    const page = await person.press(await person.open(client.authorizationUrl()), 'Cancel')
    assert.equal(page.status, 303, page.text)
    const { origin, pathname, searchParams } = new URL(page.url)
    assert.equal(origin + pathname, client.redirectUri)
    assert.equal(searchParams.get('error'), 'access_denied')
    assert.equal(searchParams.get('state'), client.state)
    assert.equal(searchParams.get('iss'), connect.origin)
    assert.equal((await openConsent(person, client.authorizationUrl())).status, 200)
  })
})
