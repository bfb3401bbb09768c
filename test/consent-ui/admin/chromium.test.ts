import assert from 'node:assert/strict'
import type { BrowserContextOptions, Page } from 'playwright-core'
import { GRACE } from '../../../deploy/demo/people.ts'
import { screenshot } from '../../journeys/support/screenshot.ts'
import { beforeAll } from '../../support/before-all.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { refreshed } from '../apps/support.ts'
import { startConnect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'
import { openSignedIn } from '../support/signed-in-page.ts'
import { ADMIN } from './support.ts'

const LONG_NAME = 'Benchling‑Laboratory‑Notebook‑Connector‑for‑Quilt‑Production'
const HEADING = 'Connections of your organisation'

describe('The administrators’ page in Chromium', function () {
  this.timeout(60_000)
  let page: Page

  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() => startConnect({ valkey }))

  before(async () => {
    await tokensFor(connect, await connect.client('https://claude.ai/api/mcp/auth_callback', 'Claude'))
    await tokensFor(connect, await connect.client('https://eln.benchling.com/callback', LONG_NAME))
  })

  afterEach(async () => {
    await page.context().close()
  })

  async function open(options: BrowserContextOptions): Promise<void> {
    page = await openSignedIn(connect.origin + ADMIN, HEADING, options)
  }

  async function assertFits(): Promise<void> {
    assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320)
  }

  it('ends another person’s connection by three presses, without JavaScript', async () => {
    const client = await connect.client()
    const graces = await tokensFor(connect, client, { person: GRACE })
    await open({ javaScriptEnabled: false, viewport: { width: 1000, height: 600 } })
    await screenshot(page, 'admin-page')
    await page.getByRole('searchbox', { name: 'User' }).fill('grace')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('cell', { name: /^Claude Code/ }).waitFor()
    assert.equal(await page.getByRole('row').count(), 2)
    await page.getByRole('link', { name: 'End… Claude Code of grace' }).click()
    await page.getByRole('heading', { name: 'End this connection?' }).waitFor()
    await screenshot(page, 'admin-question')
    assert.equal(await refreshed(client, graces.refresh_token), 'refreshed')
    await page.getByRole('button', { name: 'End connection' }).click()
    await page.getByRole('status').filter({ hasText: 'Ended: 1 connection' }).waitFor()
    await screenshot(page, 'admin-done')
    assert.equal(await refreshed(client, graces.refresh_token), 'invalid_grant')
    await page.getByRole('link', { name: 'Back to the connections' }).click()
    await page.getByRole('heading', { name: HEADING }).waitFor()
  })

  it('fits a small screen, where only the table scrolls, from Cancel to Block and Unblock', async () => {
    await open({ colorScheme: 'dark', viewport: { width: 320, height: 640 } })
    await screenshot(page, 'admin-small-dark')
    await assertFits()
    await page.getByRole('link', { name: 'Block… Claude' }).click()
    await page.getByRole('heading', { name: 'Block this application?' }).waitFor()
    await assertFits()
    await page.getByRole('link', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: HEADING }).waitFor()
    assert.equal(await page.getByText('blocked').count(), 0)
    await page.getByRole('link', { name: 'Block… Claude' }).click()
    await page.getByRole('button', { name: 'Block' }).click()
    await page.getByRole('link', { name: 'Back to the connections' }).click()
    await page.getByRole('heading', { name: 'Blocked applications' }).waitFor()
    await assertFits()
    await page.getByRole('link', { name: 'Unblock…' }).click()
    await page.getByRole('button', { name: 'Unblock' }).click()
    await page.getByRole('status').filter({ hasText: 'Unblocked' }).waitFor()
  })
})
