import process from 'node:process'
import { startWithDriver } from './driver-process.ts'
import { OpenedLinks } from './opened-links.ts'
import { newProfile } from './programs.ts'
import { capabilities, SCHEMES, type BrowserOptions, type RealBrowser } from './real-browser.ts'

const BLOCK = 2

/** Debian's Chromium without a window. Unlike the other tests' Chromium it opens links with applications. */
export async function startChromium(options: BrowserOptions): Promise<RealBrowser> {
  const profile = newProfile()
  const links = new OpenedLinks(profile)
  const own = ['--headless', '--no-sandbox', '--disable-background-networking', `--user-data-dir=${profile}`]
  const environment = { PATH: `${links.folder}:${process.env.PATH ?? ''}` }

  async function open(...more: string[]): Promise<RealBrowser> {
    const chromeOptions = {
      binary: '/usr/bin/chromium',
      args: [...own, ...more],
      prefs: preferences(options),
    }
    const wanted = {
      ...capabilities(options),
      browserName: 'chrome',
      'goog:chromeOptions': chromeOptions,
    }
    const { driver, close } = await startWithDriver('chromedriver', wanted, environment)
    return {
      driver,
      takesDoubleClicks: true,
      handedOver: () => links.next(),
      restart: async () => {
        await close()
        return await open('--restore-last-session')
      },
      close,
    }
  }

  return await open()
}

function preferences({ origins, runsScripts }: BrowserOptions): object {
  const schemes = Object.fromEntries(SCHEMES.map((scheme) => [scheme, true]))
  const pairs = Object.fromEntries(origins.map((origin) => [origin, schemes]))
  return {
    protocol_handler: { allowed_origin_protocol_pairs: pairs },
    ...(runsScripts ? {} : { profile: { default_content_setting_values: { javascript: BLOCK } } }),
  }
}
