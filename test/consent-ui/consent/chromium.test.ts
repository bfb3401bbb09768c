import assert from 'node:assert/strict'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { ADA } from '../../../deploy/demo/people.ts'
import { browser } from '../../journeys/support/browser.ts'
import { signInAs } from '../../journeys/support/consent.ts'
import { screenshot } from '../../journeys/support/screenshot.ts'
import { listenOnFreePort } from '../../support/free-port.ts'
import { PLATFORM_ENTRY, servicesFrom } from '../../support/services.ts'
import { tokensOf, type TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { sessionOf } from './support.ts'

const MAX_TABS = 20
const PHONE = { width: 320, height: 640 }

describe('The consent page in Chromium', function () {
  this.timeout(60_000)
  let connect: Connect
  let client: TestClient
  let context: BrowserContext
  const reached: URL[] = []

  before(async () => {
    const services = servicesFrom(
      PLATFORM_ENTRY.replace('quilt-platform }', 'quilt-platform, more: [athena_query, s3_object_link] }'),
    )
    connect = await startConnect({ services })
    const { origin } = await listenOnFreePort((request, response) => {
      const url = new URL(request.url ?? '/', 'http://localhost')
      if (url.pathname === '/callback') reached.push(url)
      response.setHeader('content-type', 'text/html').end('connected')
    })
    client = await connect.client(`${origin}/callback`)
  })

  afterEach(() => context.close())

  async function consentPage(options: BrowserContextOptions = {}, asking = client): Promise<Page> {
    reached.length = 0
    context = await (await browser()).newContext(options)
    context.setDefaultTimeout(10_000)
    const page = await context.newPage()
    await page.goto(asking.authorizationUrl())
    await signInAs(page, ADA)
    await page.getByRole('heading', { name: 'Authorize Application' }).waitFor()
    return page
  }

  async function granted(page: Page) {
    await page.getByText('connected', { exact: true }).waitFor()
    const [callback] = reached
    return await sessionOf(connect, tokensOf(await client.redeem(callback?.searchParams.get('code') ?? '')))
  }

  async function tabTo(page: Page, selector: string): Promise<void> {
    for (let tabs = 0; tabs < MAX_TABS; tabs += 1) {
      await page.keyboard.press('Tab')
      if ((await page.locator(`${selector}:focus`).count()) > 0) return
    }
    throw new Error(`no key press reaches ${selector}`)
  }

  it('works with only the keyboard', async () => {
    const page = await consentPage()
    await page.locator('button.primary:enabled').waitFor()
    await tabTo(page, 'input[name="access"]')
    await page.keyboard.press('ArrowDown')
    await tabTo(page, 'input[name="lifetime"]')
    await page.keyboard.press('ArrowUp')
    assert.ok(await page.getByRole('radio', { name: 'Read and change' }).isChecked())
    assert.ok(await page.getByRole('radio', { name: 'Today (12 hours)' }).isChecked())
    await tabTo(page, 'button.primary')
    await page.keyboard.press('Enter')
    const session = await granted(page)
    assert.equal(session.access, 'full')
    assert.ok(session.expiresAt <= connect.now() + 12 * 3600)
  })

  it('is not sent by Enter in a choice', async () => {
    const page = await consentPage()
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.method()))
    for (const name of ['Read and change', '90 days', 'Today (12 hours)']) {
      await page.getByRole('radio', { name }).focus()
      await page.keyboard.press('Enter')
    }
    // A sent form would have left the page by now.
    await page.evaluate('new Promise((resolve) => setTimeout(resolve))')
    assert.deepEqual([sent, reached], [[], []])
    assert.ok(await page.getByRole('heading', { name: 'Authorize Application' }).isVisible())
  })

  it('B04: takes no click for half a second after it comes into view', async () => {
    const page = await consentPage()
    const sent: string[] = []
    page.on('request', (request) => sent.push(request.method()))
    for (const event of ['pageshow', 'focus']) {
      await page.locator('button.primary:enabled').waitFor()
      const isHeld = await page.evaluate(`
        dispatchEvent(new Event('${event}'))
        document.querySelector('button.primary').click()
        document.querySelector('button.primary').disabled
      `)
      assert.equal(isHeld, true)
    }
    assert.deepEqual(sent, [])
    await page.locator('button.primary:enabled').click()
    await granted(page)
  })

  it('groups and describes the choices for screen readers', async () => {
    const page = await consentPage()
    const access = page.getByRole('group', { name: /will be able to:$/ })
    assert.equal(await access.getByRole('radio').count(), 2)
    assert.ok(await access.getByRole('radio', { name: 'Read only', exact: true }).isChecked())
    const described = await access.getByRole('radio', { name: 'Read only' }).getAttribute('aria-describedby')
    const description = await page.locator(`#${described ?? ''}`).innerText()
    assert.match(description, /athena_query, which runs SQL queries/)
    assert.equal(await page.getByRole('group', { name: 'For up to:' }).getByRole('radio').count(), 3)
  })

  for (const [what, options, name] of [
    ['in the dark', { colorScheme: 'dark' }, 'consent-page-dark'],
    ['on a small screen', { viewport: PHONE }, 'consent-page-small'],
  ] as const satisfies readonly (readonly [string, BrowserContextOptions, string])[]) {
    it(`works ${what} without JavaScript, with read-only selected`, async () => {
      const page = await consentPage({ ...options, javaScriptEnabled: false })
      await screenshot(page, name)
      await page.getByRole('radio', { name: '90 days' }).check()
      await page.getByRole('button', { name: 'Continue' }).click()
      const session = await granted(page)
      assert.equal(session.access, 'read')
      assert.ok(session.expiresAt > connect.now() + 89 * 86_400)
    })
  }

  it('has touch targets of at least 24 pixels', async () => {
    const page = await consentPage({ viewport: PHONE, hasTouch: true })
    for (const label of await page.locator('label').all()) {
      const box = await label.boundingBox()
      assert.ok((box?.height ?? 0) >= 24, await label.innerText())
    }
    await page.getByText('Read and change', { exact: true }).tap()
    assert.ok(await page.getByRole('radio', { name: 'Read and change' }).isChecked())
  })

  it('has a service page beside it that shows set-ups', async () => {
    context = await (await browser()).newContext({ javaScriptEnabled: false })
    const page = await context.newPage()
    await page.goto(`${connect.origin}/mcp/platform/mcp`)
    await page.getByText('Claude Code', { exact: true }).click()
    assert.ok(await page.getByText('claude mcp login quilt').isVisible())
    await page.getByText('Cursor', { exact: true }).press('Enter')
    assert.ok(await page.getByText('mcpServers').isVisible())
  })
})
