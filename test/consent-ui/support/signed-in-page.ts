import type { BrowserContextOptions, Page } from 'playwright-core'
import { ADA } from '../../../deploy/demo/people.ts'
import { browser } from '../../journeys/support/browser.ts'
import { signInAs } from '../../journeys/support/consent.ts'

const TIMEOUT_MS = 10_000

/** Opens a page of ours in Chromium, where Ada signs in first. */
export async function openSignedIn(
  url: string,
  heading: string,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await (await browser()).newContext(options)
  context.setDefaultTimeout(TIMEOUT_MS)
  const page = await context.newPage()
  await page.goto(url)
  await signInAs(page, ADA)
  await page.getByRole('heading', { name: heading }).waitFor()
  return page
}
