import assert from 'node:assert/strict'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { screenshot } from '../../journeys/support/screenshot.ts'
import { beforeAll } from '../../support/before-all.ts'
import { startConnect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'
import { openSignedIn } from '../support/signed-in-page.ts'
import { APPS, refreshed } from './support.ts'

const LONG_NAME = 'Benchling‑Laboratory‑Notebook‑Connector‑for‑Quilt‑Production'
const MAX_TABS = 40

describe('The connected applications page in Chromium', function () {
  this.timeout(60_000)
  let page: Page

  const connect = beforeAll(() => startConnect())
  const claudeCode = beforeAll(() => connect.client())

  before(async () => {
    await tokensFor(connect, await connect.client('https://eln.benchling.com/callback', LONG_NAME))
  })

  afterEach(async () => {
    await page.context().close()
  })

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    page = await openSignedIn(connect.origin + APPS, 'Connected applications', options)
  }

  it('revokes access with one press and says so; a reload does no harm', async () => {
    const tokens = await tokensFor(connect, claudeCode)
    await open()
    await screenshot(page, 'connected-applications')
    const end = page.getByRole('button', { name: 'End access: Claude Code' })
    await end.click()
    await page.getByRole('status').filter({ hasText: 'Access ended: Claude Code.' }).waitFor()
    assert.equal(await end.count(), 0)
    assert.equal(await refreshed(claudeCode, tokens.refresh_token), 'invalid_grant')
    await page.reload()
    await page.getByText('Nothing to end').waitFor()
    await page.goto(connect.origin + APPS)
    assert.equal(await page.getByRole('status').count(), 0)
  })

  it('works on a small screen without JavaScript and with only the keyboard; two presses end everything', async () => {
    await tokensFor(connect, claudeCode)
    await open({ javaScriptEnabled: false, colorScheme: 'dark', viewport: { width: 320, height: 640 } })
    await tabTo('narrow')
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: 'can only read' }).waitFor()
    const endAll = page.getByRole('button', { name: 'End all access' })
    assert.equal(await endAll.count(), 0)
    await page.getByText('End all access…').focus()
    await page.keyboard.press('Enter')
    await endAll.waitFor()
    await screenshot(page, 'connected-applications-small-dark')
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320)
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('Access ended: 2 connections.').waitFor()
  })

  async function tabTo(name: string): Promise<void> {
    for (let tabs = 0; tabs < MAX_TABS; tabs += 1) {
      await page.keyboard.press('Tab')
      if ((await page.locator(`button[name="${name}"]:focus`).count()) > 0) return
    }
    throw new Error(`no key press reaches ${name}`)
  }
})
