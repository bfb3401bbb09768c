import assert from 'node:assert/strict'
import type { BrowserContext, Page } from 'playwright-core'
import { violations } from '../consent-ui/pages/support/axe.ts'
import { PAGES } from '../consent-ui/pages/support/pages.ts'
import { startWorld } from '../consent-ui/pages/support/world.ts'
import { browser } from '../journeys/support/browser.ts'
import { screenshot } from '../journeys/support/screenshot.ts'
import { beforeAll } from '../support/before-all.ts'

const SCHEMES = ['light', 'dark'] as const
const WIDTHS = [320, 1280]

describe('Every page, in both schemes, at 320 and 1280 px', function () {
  this.timeout(60_000)
  let context: BrowserContext
  let page: Page

  const world = beforeAll(startWorld)

  beforeEach(async () => {
    context = await (await browser()).newContext({ extraHTTPHeaders: { 'x-request-id': 'request-1' } })
    context.setDefaultTimeout(10_000)
    page = await context.newPage()
  })

  afterEach(() => context.close())

  for (const [name, open] of Object.entries(PAGES)) {
    it(`${name}: axe-core finds nothing, and the page fits`, async () => {
      await open(page, world)
      for (const colorScheme of SCHEMES) {
        await page.emulateMedia({ colorScheme })
        for (const width of WIDTHS) {
          await page.setViewportSize({ width, height: 900 })
          await screenshot(page, `page-${name}-${colorScheme}-${width}`)
          const widthOfPage = await page.evaluate('document.documentElement.scrollWidth')
          assert.equal(widthOfPage, width, `${colorScheme}, ${width} px`)
        }
        assert.deepEqual(await violations(page), [], colorScheme)
      }
    })
  }
})
