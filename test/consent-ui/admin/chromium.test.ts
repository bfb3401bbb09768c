import assert from 'node:assert/strict'
import type { BrowserContext, BrowserContextOptions, Page } from 'playwright-core'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { browser } from '../../journeys/support/browser.ts'
import { signInAs } from '../../journeys/support/consent.ts'
import { screenshot } from '../../journeys/support/screenshot.ts'
import { beforeAll } from '../../support/before-all.ts'
import { startValkey } from '../../support/valkey.ts'
import { refreshed } from '../apps/support.ts'
import { startConnect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'
import { ADMIN } from './support.ts'

const LONG_NAME = 'Benchling‑Laboratory‑Notebook‑Connector‑for‑Quilt‑Production'

describe('The administrators’ page in Chromium', function () {
  this.timeout(60_000)
  let context: BrowserContext

  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() => startConnect({ valkey }))

  beforeEach(async () => {
    await connect.redis.flushall()
    // Writes the controls again, which it would otherwise do in the middle of a test.
    await connect.controls.refresh()
    await tokensFor(connect, await connect.client('https://claude.ai/api/mcp/auth_callback', 'Claude'))
    await tokensFor(connect, await connect.client('https://eln.benchling.com/callback', LONG_NAME))
  })

  afterEach(async () => {
    await context.close()
  })

  async function open(options: BrowserContextOptions = {}): Promise<Page> {
    context = await (await browser()).newContext(options)
    context.setDefaultTimeout(10_000)
    const page = await context.newPage()
    await page.goto(connect.origin + ADMIN)
    await signInAs(page, ADA)
    await page.getByRole('heading', { name: 'Connections of your organisation' }).waitFor()
    return page
  }

  it('ends another person’s connection by three presses, without JavaScript', async () => {
    const client = await connect.client()
    const graces = await tokensFor(connect, client, { person: GRACE })
    const page = await open({ javaScriptEnabled: false, viewport: { width: 1000, height: 600 } })
    await screenshot(page, 'admin-page')
    await page.getByLabel('User').fill('grace')
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
    await page.getByRole('heading', { name: 'Connections of your organisation' }).waitFor()
  })

  it('leads back without a change by its link Cancel', async () => {
    const page = await open()
    await page.getByRole('link', { name: 'Block… Claude' }).click()
    await page.getByRole('link', { name: 'Cancel' }).click()
    await page.getByRole('heading', { name: 'Connections of your organisation' }).waitFor()
    assert.equal(await page.getByText('blocked').count(), 0)
  })

  it('has a table whose headers name each row and column, and one level-one heading', async () => {
    const page = await open()
    assert.equal(await page.getByRole('heading', { level: 1 }).count(), 1)
    assert.equal(await page.getByRole('columnheader').count(), 8)
    assert.equal(await page.getByRole('rowheader').count(), 2)
    for (const label of ['User', 'Application', 'Service'])
      await page.getByLabel(label, { exact: true }).waitFor()
  })

  for (const colorScheme of ['light', 'dark'] as const) {
    it(`fits a small screen: only the table scrolls, ${colorScheme}`, async () => {
      const page = await open({ colorScheme, viewport: { width: 320, height: 640 } })
      await screenshot(page, `admin-small-${colorScheme}`)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320)
      await page.getByRole('link', { name: 'Block… Claude' }).click()
      await page.getByRole('heading', { name: 'Block this application?' }).waitFor()
      await screenshot(page, `admin-question-small-${colorScheme}`)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320)
      await page.getByRole('button', { name: 'Block' }).click()
      await page.getByRole('link', { name: 'Back to the connections' }).click()
      await page.getByRole('heading', { name: 'Blocked applications' }).waitFor()
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), 320)
      await page.getByRole('link', { name: 'Unblock…' }).click()
      await page.getByRole('button', { name: 'Unblock' }).click()
      await page.getByRole('status').filter({ hasText: 'Unblocked' }).waitFor()
    })
  }
})
