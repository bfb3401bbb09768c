import assert from 'node:assert/strict'
import type { BrowserContext, Page } from 'playwright-core'
import { violations } from '../consent-ui/pages/support/axe.ts'
import { PAGES } from '../consent-ui/pages/support/pages.ts'
import { startWorld } from '../consent-ui/pages/support/world.ts'
import { browser } from '../journeys/support/browser.ts'
import { screenshot } from '../journeys/support/screenshot.ts'
import { beforeAll } from '../support/before-all.ts'
import { CATALOG_PAGES, HAND_OFF_PAGES } from './support/catalog-pages.ts'
import { InspectedPage } from './support/inspected-page.ts'
import { MORE_PAGES } from './support/more-pages.ts'

const SCHEMES = ['light', 'dark'] as const
const WIDTHS = [320, 1280]
const HEIGHT = 900
/** A window of 1280 px at 200 %, and a sheet of A4. */
const ZOOMED = { width: 640, height: HEIGHT / 2 }
const SHEET = { width: 794, height: 1123 }

describe('Every page', function () {
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

  for (const [name, open] of Object.entries({ ...PAGES, ...MORE_PAGES, ...HAND_OFF_PAGES })) {
    it(`${name}: light and dark, narrow and wide, zoomed, printed and by keyboard`, async () => {
      await open(page, world)
      const inspected = new InspectedPage(page)
      await inspected.begin()
      const faults = [
        ...(await inSchemesAndWidths(name, inspected)),
        ...(await zoomed(name, inspected)),
        ...(await printed(name, inspected)),
        ...(await inspected.keyboardFaults()),
      ]
      assert.deepEqual(faults, [])
    })
  }

  for (const [name, open] of Object.entries(CATALOG_PAGES)) {
    it(`${name}, of the demo: light and dark, narrow and wide, and by keyboard`, async () => {
      await open(page, world)
      const inspected = new InspectedPage(page)
      await inspected.begin()
      const faults = await inSchemesAndWidths(name, inspected)
      assert.deepEqual([...faults, ...(await inspected.keyboardFaults())], [])
    })
  }

  async function inSchemesAndWidths(name: string, inspected: InspectedPage): Promise<string[]> {
    const faults: string[] = []
    for (const colorScheme of SCHEMES) {
      await page.emulateMedia({ colorScheme })
      for (const width of WIDTHS) {
        await page.setViewportSize({ width, height: HEIGHT })
        await screenshot(page, `page-${name}-${colorScheme}-${width}`)
        faults.push(...(await inspected.cutOff(`${width} px`)))
      }
      faults.push(...(await violations(page)).map((violation) => `${colorScheme}: ${violation}`))
    }
    return faults
  }

  /** The whole page, and then only its text (WCAG 1.4.4, 1.4.10). */
  async function zoomed(name: string, inspected: InspectedPage): Promise<string[]> {
    await page.emulateMedia({ colorScheme: 'light' })
    await page.setViewportSize(ZOOMED)
    await screenshot(page, `page-${name}-zoomed`)
    const faults = [...(await inspected.cutOff('zoomed')), ...(await inspected.fixedText())]
    await page.setViewportSize({ width: 1280, height: HEIGHT })
    await inspected.setTextSize('200%')
    await screenshot(page, `page-${name}-large-text`)
    faults.push(...(await inspected.cutOff('large text')))
    await inspected.setTextSize('')
    return faults
  }

  async function printed(name: string, inspected: InspectedPage): Promise<string[]> {
    await page.emulateMedia({ media: 'print', colorScheme: 'dark' })
    await page.setViewportSize(SHEET)
    await screenshot(page, `page-${name}-printed`)
    const faults = [...(await inspected.onPaper()), ...(await inspected.cutOff('printed'))]
    await page.emulateMedia({ media: null })
    return faults
  }
})
