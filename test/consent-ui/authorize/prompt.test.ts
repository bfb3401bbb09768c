import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import type { Changes, TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { CODE_AFTER_SIGN_IN, CODE_ALONE } from '../support/pasted-code.ts'
import { approve, callbackOf, openConsent, signIn } from '../support/person.ts'
import { keysAddedBy } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

async function signedIn(connect: Connect, client: TestClient): Promise<HttpBrowser> {
  const browser = connect.browser()
  await openConsent(browser, client.authorizationUrl())
  return browser
}

function isAtIdentityProvider(connect: Connect, page: Page): boolean {
  return page.url.startsWith(connect.organisation.identityProvider.origin)
}

describe('prompt=none', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  async function refusal(browser: HttpBrowser, changes: Changes): Promise<string | null> {
    const { searchParams } = callbackOf(await browser.open(client.authorizationUrl(changes)))
    assert.equal(searchParams.get('state'), client.state)
    assert.equal(searchParams.get('iss'), connect.origin)
    assert.ok(!searchParams.has('code'))
    return searchParams.get('error')
  }

  it('negative test, authorize: prompt=none without a session: gives login_required', async () => {
    const browser = connect.browser()
    const added = await keysAddedBy(connect.redis, async () => {
      assert.equal(await refusal(browser, { prompt: 'none' }), 'login_required')
    })
    const ofTheRequest = added.filter((key) => !key.startsWith('connect:limit:'))
    assert.deepEqual(ofTheRequest, [])
  })

  it('gives consent_required for a signed-in user who has approved nothing before', async () => {
    const browser = await signedIn(connect, client)
    assert.equal(await refusal(browser, { prompt: 'none' }), 'consent_required')
  })

  it('gives login_required if the sign-in is too old', async () => {
    const browser = await signedIn(connect, client)
    await connect.passTime(30)
    assert.equal(await refusal(browser, { prompt: 'none', max_age: '10' }), 'login_required')
    await connect.passTime(600)
    assert.equal(await refusal(browser, { prompt: 'none' }), 'login_required')
  })

  it('gives invalid_request together with another value', async () => {
    for (const prompt of ['none login', 'consent none', 'none x']) {
      assert.equal(await refusal(connect.browser(), { prompt }), 'invalid_request', prompt)
    }
  })

  it('gives interaction_required if a code must be pasted, and login_required if the code is the sign-in', async () => {
    for (const [settings, error] of [
      [CODE_AFTER_SIGN_IN, 'interaction_required'],
      [CODE_ALONE, 'login_required'],
    ] as const) {
      const other = await startConnect({ settings })
      const its = await other.client()
      const browser = other.browser()
      const page = await browser.open(its.authorizationUrl())
      if (settings === CODE_AFTER_SIGN_IN) await signIn(browser, page)
      const { searchParams } = callbackOf(await browser.open(its.authorizationUrl({ prompt: 'none' })))
      assert.equal(searchParams.get('error'), error)
    }
  })
})

describe('prompt and max_age', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  for (const prompt of ['consent', 'unknown', 'consent unknown']) {
    it(`prompt=${prompt} shows the consent page to a signed-in user`, async () => {
      const browser = await signedIn(connect, client)
      const page = await browser.open(client.authorizationUrl({ prompt }))
      assert.ok(page.text.includes(ADA.email), page.text)
    })
  }

  for (const prompt of ['login', 'select_account', 'consent login', 'select_account consent login']) {
    it(`prompt=${prompt} redirects a signed-in user to sign in again`, async () => {
      const browser = await signedIn(connect, client)
      const page = await browser.open(client.authorizationUrl({ prompt }))
      assert.ok(isAtIdentityProvider(connect, page), page.url)
      const asked = page.visited.map((url) => new URL(url).searchParams)
      const [sent] = asked.filter((parameters) => parameters.has('nonce'))
      assert.equal(sent?.get('prompt'), 'login')
    })
  }

  it('prompt=login lets another user sign in, and asks only once', async () => {
    const browser = await signedIn(connect, client)
    const page = await browser.open(client.authorizationUrl({ prompt: 'login' }))
    const consent = await signIn(browser, page, GRACE)
    assert.ok(consent.text.includes(GRACE.email) && !consent.text.includes(ADA.email))
    assert.equal((await browser.open(consent.url)).status, 200, 'a reload does not ask for a sign-in')
    assert.ok((await approve(browser, consent)).searchParams.has('code'))
  })

  it('prompt=login does not accept a sign-in in another tab', async () => {
    const browser = connect.browser()
    const waiting = await browser.open(client.authorizationUrl({ prompt: 'login' }))
    await openConsent(browser, client.authorizationUrl())
    const transaction = waiting.visited.find((url) => /\/connect\/authorize\/[\w-]{43}$/.test(url)) ?? ''
    assert.ok(isAtIdentityProvider(connect, await browser.open(transaction)))
  })

  it('max_age accepts a recent sign-in and refuses an older one', async () => {
    const browser = connect.browser()
    await signIn(browser, await browser.open(client.authorizationUrl({ max_age: '3600' })))
    const soon = await browser.open(client.authorizationUrl({ max_age: '60' }))
    assert.ok(soon.text.includes(ADA.email), soon.text)
    await connect.passTime(61)
    const late = await browser.open(client.authorizationUrl({ max_age: '60' }))
    assert.ok(isAtIdentityProvider(connect, late), late.url)
  })

  it('max_age=0 always asks for a sign-in, and accepts that one', async () => {
    const browser = await signedIn(connect, client)
    const page = await browser.open(client.authorizationUrl({ max_age: '0' }))
    assert.ok(isAtIdentityProvider(connect, page), page.url)
    const consent = await signIn(browser, page)
    assert.ok((await approve(browser, consent)).searchParams.has('code'))
  })

  for (const maxAge of ['-1', '1.5', 'x', '9'.repeat(12)]) {
    it(`max_age=${maxAge} gives invalid_request`, async () => {
      const page = await connect.browser().open(client.authorizationUrl({ max_age: maxAge }))
      assert.equal(callbackOf(page).searchParams.get('error'), 'invalid_request')
    })
  }
})
