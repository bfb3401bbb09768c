import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { readForm } from '../../support/html-form.ts'
import { assertRefused, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { approve, callbackOf, cancel, openConsent, signIn } from '../support/person.ts'
import { atOnce, keysAddedBy } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('An answer on the consent page', () => {
  let browser: HttpBrowser
  let consent: Page

  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    browser = connect.browser()
    consent = await openConsent(browser, client.authorizationUrl())
  })

  it('Continue redirects to the client with only code, state and issuer', async () => {
    const callback = await approve(browser, consent)
    assert.equal(callback.origin + callback.pathname, client.redirectUri)
    assert.deepEqual([...callback.searchParams.keys()], ['code', 'state', 'iss'])
    assert.equal(callback.searchParams.get('state'), client.state)
    assert.equal(callback.searchParams.get('iss'), connect.origin)
  })

  it('Cancel redirects to the client with access_denied, state and issuer, and no code', async () => {
    const { searchParams } = await cancel(browser, consent)
    assert.deepEqual([...searchParams.keys()], ['error', 'error_description', 'state', 'iss'])
    assert.equal(searchParams.get('error'), 'access_denied')
    assert.equal(searchParams.get('state'), client.state)
    assert.equal(searchParams.get('iss'), connect.origin)
  })

  it('counts once with one code if it is sent twice at the same moment', async () => {
    const clicks = await atOnce(connect.redis, 3, () => browser.press(consent, 'Continue'))
    const [code, ...others] = clicks.map((page) => callbackOf(page).searchParams.get('code') ?? '')
    assert.ok(code)
    for (const other of others) assert.equal(other, code)
    tokensOf(await client.redeem(code))
    assertRefused(await client.redeem(code), 'invalid_grant')
  })

  it('works on either of two copies of the page', async () => {
    const secondTab = await browser.open(consent.url)
    assert.equal(secondTab.status, 200)
    const first = await approve(browser, consent)
    assert.equal((await approve(browser, secondTab)).href, first.href)
  })

  it('expires a minute after it was given', async () => {
    await approve(browser, consent)
    await connect.passTime(60)
    assert.equal((await browser.press(consent, 'Continue')).status, 400)
  })

  it('expires ten minutes after the request, given or not', async () => {
    await connect.passTime(600)
    for (const page of [await browser.press(consent, 'Continue'), await browser.open(consent.url)]) {
      assert.equal(page.status, 400)
      assert.ok(page.text.includes('This page has expired'))
    }
  })

  describe('is refused, and no code is issued, from a form', () => {
    const fields = (): Record<string, string> => ({
      ...readForm(consent.text, consent.url).fields,
      decision: 'continue',
    })

    afterEach('the page can still be answered', async () => {
      assert.ok((await approve(browser, consent)).searchParams.has('code'))
    })

    async function assertNotAnswered(page: Promise<Page>, status: number): Promise<void> {
      const { status: answered, headers, text } = await page
      assert.equal(answered, status, text)
      assert.equal(headers.get('location'), null)
    }

    it('negative test, authorize: CSRF on the consent form: without a token', async () => {
      await assertNotAnswered(browser.submit(consent.url, { decision: 'continue' }), 403)
    })

    for (const token of ['', 'x', 'A'.repeat(43), 'ü'.repeat(43)]) {
      it(`with an invalid token: ${JSON.stringify(token.slice(0, 3))}`, async () => {
        await assertNotAnswered(browser.submit(consent.url, { ...fields(), csrf_token: token }), 403)
      })
    }

    it("with the token of another browser's page", async () => {
      const other = await openConsent(connect.browser(), client.authorizationUrl())
      const { csrf_token: token = '' } = readForm(other.text, other.url).fields
      await assertNotAnswered(browser.submit(consent.url, { ...fields(), csrf_token: token }), 403)
    })

    it('with the token of another request in the same browser', async () => {
      const other = await browser.open(client.authorizationUrl())
      const { csrf_token: token = '' } = readForm(other.text, other.url).fields
      await assertNotAnswered(browser.submit(consent.url, { ...fields(), csrf_token: token }), 403)
    })

    for (const origin of ['null', 'https://evil.example', 'http://localhost', 'http://localhost:1', '']) {
      it(`on a page at ${JSON.stringify(origin)}`, async () => {
        await assertNotAnswered(browser.submit(consent.url, fields(), origin), 403)
      })
    }

    it('without an Origin header', async () => {
      const cookie = browser.cookies.header(consent.url)
      const path = consent.url.slice(connect.origin.length)
      assert.equal((await connect.post(path, fields(), { cookie })).status, 403)
    })

    for (const decision of ['', 'yes', 'Continue', 'continue ']) {
      it(`with the decision ${JSON.stringify(decision)}`, async () => {
        await assertNotAnswered(browser.submit(consent.url, { ...fields(), decision }), 403)
      })
    }

    it('with two decisions', async () => {
      const form = new URLSearchParams(fields())
      form.append('decision', 'cancel')
      await assertNotAnswered(browser.submit(consent.url, form), 400)
    })

    it('with another content type, or too large', async () => {
      const cookie = browser.cookies.header(consent.url)
      const path = consent.url.slice(connect.origin.length)
      const headers = { cookie, origin: connect.origin }
      for (const type of ['text/plain', 'application/json', 'multipart/form-data; boundary=x']) {
        assert.equal(
          (await connect.post(path, fields(), { ...headers, 'content-type': type })).status,
          400,
          type,
        )
      }
      assert.equal((await connect.post(path, { ...fields(), x: 'x'.repeat(70_000) }, headers)).status, 413)
    })

    it('in another browser that knows the URL, whichever user is signed in there', async () => {
      const strangers = [connect.browser(), connect.browser()]
      await openConsent(strangers[1] ?? browser, client.authorizationUrl(), GRACE)
      for (const stranger of strangers) {
        await assertNotAnswered(stranger.submit(consent.url, fields()), 400)
        await assertNotAnswered(stranger.open(consent.url), 400)
      }
    })
  })

  it('gives no code to an attacker who began the request and waits for a victim to sign in', async () => {
    const attacker = connect.browser()
    const asked = await attacker.open(client.authorizationUrl())
    const transaction = asked.visited.find((url) => /\/connect\/authorize\/[\w-]{43}$/.test(url)) ?? ''
    const victim = connect.browser()
    const signedIn = await signIn(victim, await victim.open(asked.visited.at(-2) ?? ''))
    assert.equal(signedIn.status, 400, 'the victim is not signed in for the attacker')
    const polled = await attacker.open(transaction)
    assert.ok(
      polled.url.startsWith(connect.organisation.identityProvider.origin),
      'the attacker is asked to sign in',
    )
  })

  it('counts only for the user whom the page named: after another sign-in, the page is shown again', async () => {
    await connect.passTime(590)
    const request = await browser.open(client.authorizationUrl())
    assert.ok(request.text.includes(ADA.email))
    await connect.passTime(20)
    const asGrace = await signIn(browser, await browser.open(request.url), GRACE)
    assert.ok(asGrace.text.includes(GRACE.email) && !asGrace.text.includes(ADA.email))
    const stale = await browser.press(request, 'Continue')
    assert.equal(stale.status, 403)
    assert.ok((await approve(browser, asGrace)).searchParams.has('code'))
  })

  it('leaves nothing in Redis an hour later', async () => {
    const left = await keysAddedBy(connect.redis, async () => {
      await approve(browser, consent)
      await connect.passTime(3600)
    })
    assert.deepEqual(left, [])
  })
})
