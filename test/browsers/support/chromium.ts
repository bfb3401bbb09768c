import process from 'node:process'
import { startWithDriver } from './driver-process.ts'
import { OpenedLinks } from './opened-links.ts'
import {
  capabilities,
  profileFolder,
  SCHEMES,
  type BrowserOptions,
  type RealBrowser,
} from './real-browser.ts'

const BLOCK = 2

/** Debian's Chromium without a window. Unlike the other tests' Chromium it opens links with applications. */
export async function startChromium(options: BrowserOptions): Promise<RealBrowser> {
  const profile = profileFolder()
  const links = new OpenedLinks(profile)
  const args = ['--headless', '--no-sandbox', '--disable-background-networking', `--user-data-dir=${profile}`]
  const driver = await startWithDriver(
    'chromedriver',
    {
      ...capabilities(options),
      browserName: 'chrome',
      'goog:chromeOptions': { binary: '/usr/bin/chromium', args, prefs: preferences(options) },
    },
    { PATH: `${links.folder}:${process.env.PATH ?? ''}` },
  )
  return { driver, takesDoubleClicks: true, handedOver: () => links.next() }
}

function preferences({ origins, runsScripts }: BrowserOptions): object {
  const schemes = Object.fromEntries(SCHEMES.map((scheme) => [scheme, true]))
  const pairs = Object.fromEntries(origins.map((origin) => [origin, schemes]))
  return {
    protocol_handler: { allowed_origin_protocol_pairs: pairs },
    ...(runsScripts ? {} : { profile: { default_content_setting_values: { javascript: BLOCK } } }),
  }
}
