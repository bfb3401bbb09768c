import assert from 'node:assert/strict'
import axe from 'axe-core'
import { decodeJwt } from 'jose'
import type { BrowserContext, Page } from 'playwright-core'
import { reportUse } from '../../../core/sessions/session-details.ts'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { browser } from '../../journeys/support/browser.ts'
import { signInAs } from '../../journeys/support/consent.ts'
import { screenshot } from '../../journeys/support/screenshot.ts'
import { beforeAll } from '../../support/before-all.ts'
import { FILES, PLATFORM } from '../../support/services.ts'
import { startValkey } from '../../support/valkey.ts'
import { ADMIN } from '../admin/support.ts'
import { APPS, SIGN_OUT } from '../apps/support.ts'
import { NAMED_CLIENTS, NAMED_SITE, namedClient } from '../consent/support.ts'
import { startConnect } from '../support/connect.ts'
import { CODE_ALONE } from '../support/pasted-code.ts'
import { codeFor, tokensFor } from '../support/person.ts'

const SCHEMES = ['light', 'dark'] as const
const WIDTHS = [320, 1280]
/** What axe-core looks for: WCAG 2.2 AA and its best practices. */
const RULES = { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }

const HEADERS = {
  'user-agent': 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7; rv:140.0) Gecko/20100101 Firefox/140.0',
  'x-envoy-external-address': '203.0.113.7',
}

interface Violation {
  readonly id: string
  readonly nodes: readonly { readonly html: string; readonly failureSummary?: string }[]
}

describe('Every page, in both schemes, at 320 and 1280 px', function () {
  this.timeout(60_000)
  let context: BrowserContext
  let page: Page

  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() =>
    startConnect({ valkey, settings: { CONNECT_CLIENTS: NAMED_CLIENTS }, services: [PLATFORM, FILES] }),
  )
  const codes = beforeAll(() => startConnect({ valkey, settings: CODE_ALONE }))

  before(async () => {
    const claudeCode = await connect.client()
    const tokens = await tokensFor(connect, claudeCode, { headers: HEADERS })
    await codeFor(connect, namedClient(connect), { person: GRACE })
    await tokensFor(connect, namedClient(connect), { headers: HEADERS })
    const ended = await tokensFor(connect, claudeCode, { headers: HEADERS })
    await claudeCode.revoke(ended.refresh_token)
    const id = String(decodeJwt(tokens.access_token).sid)
    await reportUse(connect.redis, id, { at: connect.now(), tools: ['package_browse', 'search_packages'] })
    await connect.redis.hset(`connect:{${id}}:session`, 'contested_at', connect.now())
  })

  beforeEach(async () => {
    context = await (await browser()).newContext({ extraHTTPHeaders: { 'x-request-id': 'request-1' } })
    context.setDefaultTimeout(10_000)
    page = await context.newPage()
  })

  afterEach(() => context.close())

  const at = (path: string) => page.goto(connect.origin + path)

  async function consent(url: string): Promise<void> {
    await page.goto(url)
    await signInAs(page, ADA)
    await page.locator('button.primary:enabled').waitFor()
  }

  const registered = async () =>
    (await connect.client('https://claude.ai/cb', '\u0421laude')).authorizationUrl()

  const pages: Readonly<Record<string, () => Promise<unknown>>> = {
    home: () => at('/'),
    'service-mcp': () => at('/mcp/platform/mcp'),
    'service-http': () => at('/files'),
    'connection-check': () => at('/connect/check'),
    'connection-check-failed': async () => {
      await at('/connect/check')
      // Without Envoy the service does not ask for a sign-in.
      await page.getByRole('button', { name: 'Start the check' }).click()
      await page.getByText('The check stopped').waitFor()
    },
    'not-found': () => at('/no-such-page'),
    'error-unknown-client': () => at('/connect/authorize?client_id=x'),
    'error-expired': () => at('/connect/authorize/unknown'),
    consent: async () => await consent(namedClient(connect, 'named-site', NAMED_SITE).authorizationUrl()),
    'consent-this-computer': async () => await consent((await connect.client()).authorizationUrl()),
    'consent-doubtful': async () => {
      await consent(await registered())
      await page.locator('summary').first().click()
    },
    code: async () => await page.goto((await codes.client()).authorizationUrl()),
    'connected-applications': async () => {
      await at(APPS)
      await signInAs(page, ADA)
      await page.getByRole('heading', { name: 'Ended lately' }).waitFor()
    },
    'connected-applications-none': async () => {
      await at(APPS)
      await signInAs(page, GRACE)
      await page.getByText('You haven’t connected any applications yet.').waitFor()
    },
    'sign-out': async () => {
      await at(APPS)
      await signInAs(page, ADA)
      await page.getByRole('link', { name: 'Sign out' }).click()
      await page.getByRole('heading', { name: 'Sign out' }).waitFor()
    },
    'signed-out': () => at(SIGN_OUT),
    administration: async () => {
      await at(ADMIN)
      await signInAs(page, ADA)
      await page.getByRole('table').first().waitFor()
    },
  }

  for (const [name, open] of Object.entries(pages)) {
    it(`${name}: axe-core finds nothing, and the page fits`, async () => {
      await open()
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme })
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 })
          await screenshot(page, `page-${name}-${colorScheme}-${width}`)
          const widthOfPage = await page.evaluate('document.documentElement.scrollWidth')
          assert.equal(widthOfPage, width, `${colorScheme}, ${width} px`)
        }
        assert.deepEqual(await violations(), [], colorScheme)
      }
    })
  }

  async function violations(): Promise<string[]> {
    await page.evaluate(axe.source)
    const found = await page.evaluate(`axe.run(document, ${JSON.stringify(RULES)})`)
    return (found as { violations: readonly Violation[] }).violations.map(
      ({ id, nodes }) =>
        `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary ?? ''}`).join('; ')}`,
    )
  }
})
