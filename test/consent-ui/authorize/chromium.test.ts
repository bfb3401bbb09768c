import assert from 'node:assert/strict'
import type { BrowserContext, Page } from 'playwright-core'
import { ADA } from '../../../deploy/demo/people.ts'
import { browser } from '../../journeys/support/browser.ts'
import { signInAs } from '../../journeys/support/consent.ts'
import { listenOnFreePort } from '../../support/free-port.ts'
import { until } from '../../support/until.ts'
import type { TestClient } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { beforeAll } from '../../support/before-all.ts'

const CLAUDE = 'https://claude.ai/api/mcp/auth_callback'
const TABS = 5

describe('Chromium', function () {
  this.timeout(60_000)
  let context: BrowserContext
  /** The client's server on this computer. */
  let loopback: string
  const reached: string[] = []
  let complaints: string[]

  const connect = beforeAll(() => startConnect())

  before(async () => {
    const { origin } = await listenOnFreePort((request, response) => {
      if (request.url?.startsWith('/callback') === true) reached.push(request.url)
      response.setHeader('content-type', 'text/html').end('connected')
    })
    loopback = `${origin}/callback`
  })

  beforeEach(async () => {
    reached.length = 0
    complaints = []
    context = await (await browser()).newContext()
    context.setDefaultTimeout(10_000)
    context.on('console', (message) => complaints.push(message.text()))
  })

  afterEach(async () => {
    await context.close()
  })

  async function consentOf(client: TestClient): Promise<Page> {
    const page = await context.newPage()
    await page.goto(client.authorizationUrl())
    await signInAs(page, ADA)
    await page.getByRole('heading', { name: 'Authorize Application' }).waitFor()
    return page
  }

  async function pressContinue(page: Page): Promise<void> {
    await page.getByRole('button', { name: 'Continue' }).click({ noWaitAfter: true })
  }

  /** Shows the page again with a form-action policy. */
  async function withFormAction(page: Page): Promise<void> {
    await page.route(page.url(), async (route) => {
      if (route.request().method() !== 'GET') {
        await route.continue()
        return
      }
      const response = await route.fetch()
      const headers = response.headers()
      const policy = `${headers['content-security-policy'] ?? ''};form-action 'self'`
      await route.fulfill({ response, headers: { ...headers, 'content-security-policy': policy } })
    })
    await page.reload()
  }

  const answers = (): number => connect.lines.filter((line) => line.includes('request answered')).length
  const violations = (): string[] => complaints.filter((text) => text.includes('form-action'))

  it('B05: follows the redirect back to an application on this computer', async () => {
    const page = await consentOf(await connect.client(loopback))
    await pressContinue(page)
    await page.getByText('connected', { exact: true }).waitFor()
    assert.match(reached.join(), /^\/callback\?code=[^,]*$/)
    assert.deepEqual(violations(), [])
  })

  it('B05: follows the redirect back to another host', async () => {
    const page = await consentOf(await connect.client(CLAUDE))
    const callback = page.waitForRequest((request) => request.url().startsWith(CLAUDE))
    await pressContinue(page)
    assert.ok(new URL((await callback).url()).searchParams.has('code'))
    assert.deepEqual(violations(), [])
  })

  for (const redirectUri of [
    'cursor://anysphere.cursor-mcp/oauth/callback',
    'quilt://auth/callback?host=demo',
  ]) {
    it(`B05: follows the redirect to ${redirectUri}, which form-action would block`, async () => {
      const client = await connect.client(redirectUri)
      const page = await consentOf(client)
      const before = answers()
      await pressContinue(page)
      await until(() => answers() > before, 'our answer')
      // When the page answers, its console messages have arrived.
      await page.evaluate('1')
      assert.deepEqual(violations(), [])
      const stopped = await context.newPage()
      await stopped.goto(client.authorizationUrl())
      await withFormAction(stopped)
      await pressContinue(stopped)
      await until(() => violations().length > 0, 'the complaint')
    })
  }

  it('B05: would not redirect to this computer under form-action', async () => {
    const page = await consentOf(await connect.client(loopback))
    await withFormAction(page)
    await pressContinue(page)
    await until(() => violations().length > 0, 'the complaint')
    assert.deepEqual(reached, [])
  })

  it('B10: finishes five sign-ins in tabs opened at the same moment', async () => {
    const client = await connect.client(loopback)
    const tabs = await Promise.all(Array.from({ length: TABS }, () => context.newPage()))
    await Promise.all(tabs.map((tab) => tab.goto(client.authorizationUrl())))
    for (const tab of tabs) {
      await signInAs(tab, ADA)
      await tab.getByRole('heading', { name: 'Authorize Application' }).waitFor()
    }
    for (const tab of tabs) {
      await pressContinue(tab)
      await tab.getByText('connected', { exact: true }).waitFor()
    }
    assert.equal(new Set(reached).size, TABS)
    const cookies = await context.cookies(connect.origin)
    const ours = cookies.filter(({ name }) => name.startsWith('quilt-connect'))
    assert.ok(ours.length > 0 && ours.length <= TABS)
    assert.ok(ours.every(({ httpOnly, sameSite }) => httpOnly && sameSite === 'Lax'))
  })
})
