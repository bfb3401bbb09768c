import assert from 'node:assert/strict'
import type { Locator, Page } from 'playwright-core'
import { ADA, GRACE } from '../../deploy/demo/people.ts'
import { beforeAll } from '../support/before-all.ts'
import { connectedUser } from './support/connected-user.ts'
import { openPage, signInAs } from './support/consent.ts'
import { sharedStack } from './support/recorded-stack.ts'

describe('An administrator', function () {
  this.timeout(60_000)
  let page: Page

  const stack = beforeAll(() => sharedStack())

  afterEach(async () => {
    await page.context().close()
  })

  async function openAdmin(person = ADA): Promise<void> {
    page = await openPage(`${stack.origin}/connect/admin`)
    await signInAs(page, person)
  }

  it('ends another person’s session on the page: that person’s next request gets 401', async () => {
    const grace = await connectedUser(stack, GRACE)
    const ada = await connectedUser(stack, ADA)
    assert.equal((await grace.ask()).status, 200)
    await openAdmin()
    await page.getByRole('searchbox', { name: 'User' }).fill('grace')
    await page.getByRole('button', { name: 'Show' }).click()
    await page.getByRole('link', { name: 'End all of this user… grace' }).first().click()
    await page.getByRole('button', { name: 'End connections' }).click()
    await page
      .getByRole('status')
      .filter({ hasText: /^Ended: \d+ connections?, refused/ })
      .waitFor()
    assert.equal((await grace.ask()).status, 401)
    assert.equal((await ada.ask()).status, 200)
  })

  it('is asked for by the page: another user gets nothing', async () => {
    await openAdmin(GRACE)
    await page.getByRole('heading', { name: 'For Quilt administrators' }).waitFor()
    assert.equal(await page.getByRole('table').count(), 0)
  })

  it('blocks an application on the page: its next request is refused, until it is unblocked', async () => {
    const user = await connectedUser(stack, GRACE)
    await openAdmin()
    const row = page.getByRole('row').filter({ hasText: GRACE.email }).first()
    const act = async (link: Locator, button: string): Promise<void> => {
      await link.click()
      await page.getByRole('button', { name: button }).click()
      await page.getByRole('status').waitFor()
      await page.getByRole('link', { name: 'Back to the connections' }).click()
    }
    await act(row.getByRole('link', { name: 'Block…' }), 'Block')
    assert.equal((await user.ask()).status, 401)
    await act(page.getByRole('link', { name: 'Unblock…' }).first(), 'Unblock')
    assert.equal((await user.ask()).status, 200)
  })
})
