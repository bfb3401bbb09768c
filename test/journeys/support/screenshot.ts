import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from 'playwright-core'

/** Where pictures go. Those that the README shows are copied to docs/. */
const FOLDER = process.env.SCREENSHOTS ?? '.local/screenshots'

export async function screenshot(page: Page, name: string): Promise<void> {
  await mkdir(FOLDER, { recursive: true })
  const take = () => page.screenshot({ path: join(FOLDER, `${name}.png`), fullPage: true })
  // On a busy machine Chromium now and then cannot capture a frame.
  await take().catch(take)
}
