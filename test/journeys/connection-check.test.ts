import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { ADA } from '../../deploy/demo/people.ts'
import { beforeAll } from '../support/before-all.ts'
import { openPage, signInAs } from './support/consent.ts'
import { sharedStack } from './support/recorded-stack.ts'
import { screenshot } from './support/screenshot.ts'

const STEPS = [
  'Reach the service',
  'Find out where to sign in',
  'Read what the sign-in server offers',
  'Register as an application',
  'Sign in and continue',
  'Get an access token',
  'List the tools',
  'End the access',
]

describe('“Check my connection” in Chromium', function () {
  this.timeout(60_000)
  let page: Page

  const stack = beforeAll(() => sharedStack())

  afterEach(async () => {
    stack.service.requests.splice(0)
    await page.context().close()
  })

  async function startCheck(): Promise<void> {
    page = await openPage(stack.mcpUrl)
    await page.getByRole('link', { name: 'Check my connection' }).click()
    await page.getByRole('button', { name: 'Start the check' }).click()
    await signInAs(page, ADA)
    await page.getByRole('heading', { name: 'Authorize Application' }).waitFor()
  }

  async function results(): Promise<string[]> {
    return await page.locator('#steps li').allInnerTexts()
  }

  it('shows the time of each step, and leaves no connection', async () => {
    await startCheck()
    await page.getByText('5 minutes').waitFor()
    assert.equal(await page.getByRole('radio', { name: 'Read and change' }).count(), 0)
    await page.getByRole('button', { name: 'Continue' }).click()
    await page.getByRole('status').filter({ hasText: 'Everything works.' }).waitFor()
    await screenshot(page, 'connection-check')
    assert.equal(page.url(), `${stack.origin}/connect/check`, 'the code is gone from the address')
    const shown = await results()
    assert.equal(shown.length, STEPS.length)
    for (const [at, title] of STEPS.entries()) {
      assert.match(shown[at] ?? '', new RegExp(`^${title} works \\(\\d+ ms\\)$`))
    }
    await page.goto(`${stack.origin}/connect/apps`)
    await page.getByRole('heading', { name: 'Connected applications' }).waitFor()
    assert.equal(await page.getByRole('heading', { name: 'Check my connection' }).count(), 0)
  })

  it('says what to do when the user presses Cancel', async () => {
    await startCheck()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('press Continue').waitFor()
    await page.getByRole('status').filter({ hasText: 'The check stopped' }).waitFor()
    const shown = await results()
    assert.match(shown[4] ?? '', /^Sign in and continue failed \(\d+ ms\)[\s\S]*access_denied$/)
    assert.equal(shown[5], 'Get an access token')
    await page.getByRole('button', { name: 'Check again' }).waitFor()
  })

  it('ends its access when the service does not answer', async () => {
    const broken = await sharedStack((_request, response) => void response.writeHead(503).end())
    try {
      await startCheck()
      await page.getByRole('button', { name: 'Continue' }).click()
      await page.getByRole('status').filter({ hasText: 'The check stopped' }).waitFor()
      const shown = await results()
      assert.match(shown[6] ?? '', /^List the tools failed [\s\S]*HTTP 503$/)
      assert.match(shown[7] ?? '', /^End the access works/)
    } finally {
      assert.equal(broken.origin, stack.origin)
      await sharedStack()
    }
  })

  it('does nothing with an answer that it did not ask for', async () => {
    page = await openPage(`${stack.origin}/connect/check?code=x&state=y&iss=z`)
    await page.getByRole('button', { name: 'Start the check' }).waitFor()
    assert.equal(page.url(), `${stack.origin}/connect/check`)
    assert.equal(await page.locator('#steps').isVisible(), false)
  })
})
