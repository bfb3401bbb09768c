import assert from 'node:assert/strict'
import type { HttpBrowser, Page } from '../../support/http-browser.ts'
import { sessionOf } from '../consent/support.ts'
import { assertRefused, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { approve, callbackOf, cancel, openConsent, type Choices } from '../support/person.ts'
import { atOnce } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

type Answer = Choices | 'cancel'

const FULL: Answer = { access: 'full', lifetime: 'usual' }
const READ: Answer = { access: 'read', lifetime: 'usual' }
const TODAY: Answer = { access: 'full', lifetime: 'today' }

describe('A second answer on the consent page', () => {
  let browser: HttpBrowser
  let consent: Page

  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  beforeEach(async () => {
    browser = connect.browser()
    consent = await openConsent(browser, client.authorizationUrl())
  })

  async function answer(given: Answer): Promise<Page> {
    return given === 'cancel'
      ? await browser.press(consent, 'Cancel')
      : await browser.press(consent, 'Continue', { ...given })
  }

  function codeOf(callback: URL): string {
    return callback.searchParams.get('code') ?? ''
  }

  function assertAlreadyAnswered(page: Page): void {
    assert.equal(page.status, 409, page.text)
    assert.ok(page.text.includes('You have already answered'))
    assert.ok(page.text.includes('<a href="/connect/apps">Your connected applications</a>'))
  }

  for (const [what, first, second] of [
    ['Continue, then Cancel', FULL, 'cancel'],
    ['Cancel, then Continue', 'cancel', FULL],
    ['all, then only reading', FULL, READ],
    ['only reading, then all', READ, FULL],
    ['a month, then a day', FULL, TODAY],
  ] as const) {
    it(`is refused and changes nothing: ${what}`, async () => {
      callbackOf(await answer(first))
      assertAlreadyAnswered(await answer(second))
    })
  }

  for (const again of [FULL, 'cancel'] as const) {
    it(`redirects to the same place if it is the same answer: ${JSON.stringify(again)}`, async () => {
      const callback = callbackOf(await answer(again))
      assert.equal(callbackOf(await answer(again)).href, callback.href)
    })
  }

  it('does not redirect with a redeemed code again, and the session lives on', async () => {
    const code = codeOf(callbackOf(await answer(FULL)))
    const tokens = tokensOf(await client.redeem(code))
    await connect.passTime(15)
    assertAlreadyAnswered(await answer(FULL))
    assertAlreadyAnswered(await browser.open(consent.url))
    assert.ok(await sessionOf(connect, tokens))
  })

  it('is accepted on a reloaded page while the code is unused', async () => {
    const callback = await approve(browser, consent)
    const opened = await browser.open(consent.url)
    assert.equal((await approve(browser, opened)).href, callback.href)
  })

  it('is not offered after Cancel', async () => {
    await cancel(browser, consent)
    assertAlreadyAnswered(await browser.open(consent.url))
  })

  it('at the same moment loses against the first, and the page says so', async () => {
    let clicks = 0
    const pages = await atOnce(connect.redis, 2, () => answer(clicks++ === 0 ? FULL : READ))
    const [first, ...others] = pages.filter(({ status }) => status === 303)
    assert.deepEqual(others, [])
    const told = pages.filter((page) => page !== first)
    assert.equal(told.length, 1)
    told.forEach(assertAlreadyAnswered)
    const code = first === undefined ? '' : codeOf(callbackOf(first))
    tokensOf(await client.redeem(code))
    assertRefused(await client.redeem(code), 'invalid_grant')
  })
})
