import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { HttpBrowser, type Page } from '../../support/http-browser.ts'
import { tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { CODE_ALONE, paste, quiltCodeOf } from '../support/pasted-code.ts'
import { approve, openConsent, signIn } from '../support/person.ts'
import { atOnce } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

const TABS = 5
const MAX_COOKIES = 8
/** Of the whole Cookie header; servers accept at most 16 KB of headers. */
const MAX_COOKIE_BYTES = 1024

describe('Several tabs of one browser', () => {
  const connect = beforeAll(() => startConnect({ settings: { RATE_LIMIT_AUTHORIZE: '10000/60' } }))
  const client = beforeAll(() => connect.client())

  function cookiesOf(browser: HttpBrowser) {
    return browser.cookies.all('localhost').filter(({ name }) => name.startsWith('quilt-connect'))
  }

  it('B10: all finish if five open at the same moment without a cookie', async () => {
    const browser = connect.browser()
    const tabs = await atOnce(connect.redis, TABS, () => browser.open(client.authorizationUrl()))
    assert.equal(cookiesOf(browser).length, TABS)
    const pages = await Promise.all(tabs.map((tab) => signIn(browser, tab)))
    const callbacks = await Promise.all(pages.map((page) => approve(browser, page)))
    const codes = callbacks.map(({ searchParams }) => searchParams.get('code') ?? '')
    assert.equal(new Set(codes).size, TABS)
    for (const code of codes) tokensOf(await client.redeem(code))
  })

  it('B10: all finish if five open at the same moment and codes are pasted', async () => {
    const withCode = await startConnect({ settings: CODE_ALONE })
    const other = await withCode.client()
    const browser = withCode.browser()
    const tabs = await atOnce(withCode.redis, TABS, () => browser.open(other.authorizationUrl()))
    const pages: Page[] = []
    for (const tab of tabs) pages.push(await paste(browser, tab, await quiltCodeOf(withCode)))
    for (const page of pages) {
      tokensOf(await other.redeem((await approve(browser, page)).searchParams.get('code') ?? ''))
    }
  })

  it('B10: leave a bounded number and size of cookies after 200 abandoned requests', async () => {
    const browser = new HttpBrowser([connect.origin])
    for (let batch = 0; batch < 10; batch += 1) {
      await Promise.all(Array.from({ length: 20 }, () => browser.open(client.authorizationUrl())))
    }
    assert.ok(cookiesOf(browser).length <= MAX_COOKIES, `${cookiesOf(browser).length} cookies`)
    assert.ok(browser.cookies.header(connect.origin).length <= MAX_COOKIE_BYTES)
  })

  it('B10: leave a bounded number of cookies after forms of other sites, which carry no cookie', async () => {
    const browser = new HttpBrowser([connect.origin])
    const { search } = new URL(client.authorizationUrl())
    let last = ''
    for (let visit = 0; visit < 30; visit += 1) {
      const { headers } = await connect.post('/connect/authorize', search.slice(1))
      browser.cookies.keep(connect.origin, headers.getSetCookie())
      last = `${connect.origin}${headers.get('location') ?? ''}`
      await browser.open(last)
    }
    assert.equal(cookiesOf(browser).length, MAX_COOKIES)
    const page = await browser.open(last)
    assert.ok(page.url.startsWith(connect.organisation.identityProvider.origin), 'the newest goes on')
  })

  it('B10: all work while there are at most eight', async () => {
    const browser = connect.browser()
    const tabs = await atOnce(connect.redis, MAX_COOKIES, () => browser.open(client.authorizationUrl()))
    await browser.open(client.authorizationUrl())
    assert.equal(cookiesOf(browser).length, MAX_COOKIES)
    for (const tab of tabs) assert.equal((await signIn(browser, tab)).status, 200)
  })

  it('B08: share one user: the last one who signed in in any of them', async () => {
    const browser = connect.browser()
    const [first, second] = await atOnce(connect.redis, 2, () => browser.open(client.authorizationUrl()))
    assert.ok(first !== undefined && second !== undefined)
    const asAda = await signIn(browser, first, ADA)
    assert.ok(asAda.text.includes(ADA.email))
    const asGrace = await signIn(browser, second, GRACE)
    assert.ok(asGrace.text.includes(GRACE.email) && !asGrace.text.includes(ADA.email))
    const next = await browser.open(client.authorizationUrl())
    assert.ok(next.text.includes(GRACE.email) && !next.text.includes(ADA.email), next.text)
    const stale = await browser.press(asAda, 'Continue')
    assert.ok(stale.url.startsWith(connect.organisation.identityProvider.origin), 'signs in again')
    assert.ok((await approve(browser, asGrace)).searchParams.has('code'))
  })

  it('B08: get a new cookie at each sign-in, and the old cookie is unknown', async () => {
    const browser = connect.browser()
    await openConsent(browser, client.authorizationUrl())
    const before = cookiesOf(browser).map(({ name, value }) => `${name}=${value}`)
    const page = await browser.open(client.authorizationUrl({ prompt: 'login' }))
    const asGrace = await signIn(browser, page, GRACE)
    assert.ok(asGrace.text.includes(GRACE.email))
    const path = new URL(asGrace.url).pathname
    const after = await connect.get(path, { cookie: before.join('; ') })
    assert.ok(!after.text.includes(GRACE.email))
  })
})
