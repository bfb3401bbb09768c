import assert from 'node:assert/strict'
import type { Page } from 'playwright-core'
import { browser } from '../../journeys/support/browser.ts'
import { beforeAll } from '../../support/before-all.ts'
import { violations } from './support/axe.ts'
import { PAGES } from './support/pages.ts'
import { startWorld } from './support/world.ts'

/** In turn; every page in each is what `npm run test:browsers` looks at. */
const VIEWS = [
  { colorScheme: 'light', width: 1280 },
  { colorScheme: 'dark', width: 320 },
] as const

describe('Every page', function () {
  this.timeout(60_000)
  const world = beforeAll(startWorld)
  const page = beforeAll<Page>(async () => (await browser()).newPage())

  after(() => page.context().close())

  for (const [at, [name, open]] of Object.entries(PAGES).entries()) {
    const { colorScheme, width } = VIEWS[at % 2] ?? VIEWS[0]
    it(`${name}: axe-core finds nothing, and the page fits ${width} px, ${colorScheme}`, async () => {
      await page.context().clearCookies()
      await page.emulateMedia({ colorScheme })
      await page.setViewportSize({ width, height: 900 })
      await open(page, world)
      assert.equal(await page.evaluate('document.documentElement.scrollWidth'), width)
      assert.deepEqual(await violations(page), [])
    })
  }
})
