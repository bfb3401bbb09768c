import assert from 'node:assert/strict'
import type { BrowserContext, Page } from 'playwright-core'
import { ADA } from '../../../deploy/demo/people.ts'
import { browser } from '../../journeys/support/browser.ts'
import { signInAs } from '../../journeys/support/consent.ts'
import { screenshot } from '../../journeys/support/screenshot.ts'
import { tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { forgetConsents, NAMED_CLIENTS, NAMED_SITE, namedClient, SITE } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('An earlier consent in Chromium', function () {
  this.timeout(60_000)
  let context: BrowserContext
  let page: Page

  const connect = beforeAll(() => startConnect({ settings: { CONNECT_CLIENTS: NAMED_CLIENTS } }))
  const client = beforeAll(() => namedClient(connect))

  beforeEach(async () => {
    await forgetConsents(connect)
    context = await (await browser()).newContext()
    context.setDefaultTimeout(10_000)
    for (const site of ['https://claude.ai/**', 'https://evil.example/**']) {
      await context.route(site, (route) => route.fulfill({ contentType: 'text/html', body: linkTo() }))
    }
    page = await context.newPage()
    await follow(SITE)
    await signInAs(page, ADA)
    await asked()
    const came = code()
    await page.getByRole('button', { name: 'Continue' }).click({ noWaitAfter: true })
    tokensOf(await client.redeem(await came))
    await page.close()
    page = await context.newPage()
  })

  afterEach(() => context.close())

  /** Every page has the same link. It asks for a Referer because it leads to plain http. */
  function linkTo(): string {
    const href = client.authorizationUrl().replaceAll('&', '&amp;')
    return `<meta name="referrer" content="origin"><a href="${href}">Connect</a> <a href="${href}" rel="noreferrer">Quietly</a>`
  }

  async function follow(site: string, link = 'Connect'): Promise<void> {
    await page.goto(site)
    await page.getByRole('link', { name: link }).click({ noWaitAfter: true })
  }

  async function asked(): Promise<void> {
    await page.getByRole('heading', { name: 'Authorize Application' }).waitFor()
  }

  /** The target does not exist here; the request is enough. */
  async function code(): Promise<string> {
    const callback = await page.waitForRequest((request) => request.url().startsWith(NAMED_SITE))
    return new URL(callback.url()).searchParams.get('code') ?? ''
  }

  it('skips the page when the link is on the application’s own page', async () => {
    const came = code()
    await follow(SITE)
    tokensOf(await client.redeem(await came))
  })

  it('does not skip the page when the link is on another page', async () => {
    await follow('https://evil.example/')
    await asked()
    assert.match(await page.locator('main').innerText(), /You approved this application before, on \d/)
    await screenshot(page, 'consent-page-again')
  })

  it('does not skip the page when the browser hides where the link was', async () => {
    await follow(SITE, 'Quietly')
    await asked()
    await page.goto(client.authorizationUrl())
    await asked()
  })
})
