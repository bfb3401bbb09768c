import { chromium, type Browser } from 'playwright-core'
import { findChromium } from '../../../deploy/local/tools/find-chromium.ts'
import { closeAfterAll, sharedByFiles } from '../../support/close-after-all.ts'

/** One real Chromium for all journeys; each takes a context of its own, as a separate person's browser. */
export const browser = sharedByFiles(launch)

async function launch(): Promise<Browser> {
  const instance = await chromium.launch({
    executablePath: await findChromium(),
    // Our own arguments: the package's own list switches web security off.
    args: ['--no-sandbox', '--headless=shell', '--disable-quic', '--disable-background-networking'],
  })
  closeAfterAll(() => instance.close())
  return instance
}
