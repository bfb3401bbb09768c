import assert from 'node:assert/strict'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { ADA } from '../../../deploy/demo/people.ts'
import { browser } from '../../journeys/support/browser.ts'
import { signInAs } from '../../journeys/support/consent.ts'
import { screenshot } from '../../journeys/support/screenshot.ts'
import type { TestClient, Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'
import { APPS, refreshed, SIGN_OUT } from './support.ts'

const LONG_NAME = 'Benchling‑Laboratory‑Notebook‑Connector‑for‑Quilt‑Production'
const MAX_TABS = 40

describe('The connected applications page in Chromium', function () {
  this.timeout(60_000)
  let connect: Connect
  let context: BrowserContext
  let claudeCode: TestClient
  let tokens: Tokens

  beforeEach(async () => {
    connect = await startConnect()
    claudeCode = await connect.client()
    await tokensFor(connect, await connect.client('https://eln.benchling.com/callback', LONG_NAME))
    tokens = await tokensFor(connect, claudeCode)
  })

  afterEach(async () => {
    await context.close()
  })

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    context = await (await browser()).newContext(options)
    context.setDefaultTimeout(10_000)
    const page = await context.newPage()
    await page.goto(connect.origin + APPS)
    await signInAs(page, ADA)
    await page.getByRole('heading', { name: 'Connected applications' }).waitFor()
    return page
  }

  const button = (page: Page, name: string) => page.getByRole('button', { name: `${name}: Claude Code` })

  it('revokes access with one press and says so', async () => {
    const page = await open()
    await screenshot(page, 'connected-applications')
    await button(page, 'End access').click()
    await page.getByRole('status').filter({ hasText: 'Access ended: Claude Code is refused' }).waitFor()
    assert.equal(await button(page, 'End access').count(), 0)
    assert.equal(await refreshed(claudeCode, tokens.refresh_token), 'invalid_grant')
  })

  it('does no harm when reloaded after a revocation', async () => {
    const page = await open()
    await button(page, 'End access').click()
    await page.getByRole('status').waitFor()
    await page.reload()
    await page.getByText('Nothing to end').waitFor()
    await page.goto(connect.origin + APPS)
    assert.equal(await page.getByRole('status').count(), 0)
  })

  it('works without JavaScript and with only the keyboard', async () => {
    const page = await open({ javaScriptEnabled: false })
    await tabTo(page, 'narrow')
    await page.keyboard.press('Enter')
    await page.getByRole('status').filter({ hasText: 'can only read' }).waitFor()
    await page.getByText('End all access…').focus()
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('2 connections are refused').waitFor()
  })

  it('hides the button that revokes everything behind a first press', async () => {
    const page = await open()
    const all = page.getByRole('button', { name: 'End all access' })
    assert.equal(await all.count(), 0)
    await page.getByText('End all access…').click()
    await all.waitFor()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`fits a small screen without horizontal scrolling, ${colorScheme}`, async () => {
      const page = await open({ colorScheme, viewport: { width: 320, height: 640 } })
      await button(page, 'Make read only').click()
      await page.getByRole('status').waitFor()
      await page.getByText('End all access…').click()
      await screenshot(page, `connected-applications-small-${colorScheme}`)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320)
    })
  }

  it('signs out by its link', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'Sign out' }).click()
    await page.getByText(`You are signed in as ${ADA.email}`).waitFor()
    await screenshot(page, 'sign-out')
    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('heading', { name: 'Signed out' }).waitFor()
    assert.equal(page.url(), connect.origin + SIGN_OUT)
    const cookies = await context.cookies(connect.origin)
    assert.deepEqual(
      cookies.filter(({ name }) => name.startsWith('quilt-connect-')),
      [],
    )
  })

  async function tabTo(page: Page, name: string): Promise<void> {
    for (let tabs = 0; tabs < MAX_TABS; tabs += 1) {
      await page.keyboard.press('Tab')
      if ((await page.locator(`button[name="${name}"]:focus`).count()) > 0) return
    }
    throw new Error(`no key press reaches ${name}`)
  }
})
