import { once } from 'node:events'
import { globSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { MissingTool } from '../../../deploy/local/tools/missing-tool.ts'
import { startWithDriver } from './driver-process.ts'
import { startProgram } from './programs.ts'
import { capabilities, SCHEMES, type BrowserOptions, type RealBrowser } from './real-browser.ts'

const MAX_WAIT_MS = 20_000
const POLL_MS = 50
const MINI_BROWSER = '/usr/lib/*/webkit2gtk-4.1/MiniBrowser'

let display: Promise<string> | undefined

/** Debian's WebKit in its own small browser. It opens no application: the link stays as the tab's address. */
export async function startWebkit(options: BrowserOptions): Promise<RealBrowser> {
  const [binary] = globSync(MINI_BROWSER)
  if (binary === undefined) throw new MissingTool(MINI_BROWSER, 'install libwebkit2gtk-4.1-0')
  // As a capability the proxy would be asked over TLS.
  const own = [`--proxy=http://${options.proxy}`, '--ignore-host=localhost', '--ignore-host=127.0.0.1']
  const args = ['--automation', `--enable-javascript=${options.runsScripts}`, ...own]
  const wanted = {
    ...capabilities(options),
    proxy: undefined,
    browserName: 'MiniBrowser',
    'webkitgtk:browserOptions': { binary, args },
  }
  const { driver, close } = await startWithDriver('WebKitWebDriver', wanted, {
    DISPLAY: await (display ??= startDisplay()),
  })
  return {
    driver,
    takesDoubleClicks: false,
    handedOver: async () => {
      let url = new URL('about:blank')
      const hasLeft = async (): Promise<boolean> => {
        url = new URL(await driver.getCurrentUrl())
        return SCHEMES.includes(url.protocol.slice(0, -1))
      }
      await driver.wait(hasLeft, MAX_WAIT_MS, 'an address with a custom scheme', POLL_MS)
      return url
    },
    restart: async () => {
      const [address, cookies] = [await driver.getCurrentUrl(), await driver.manage().getCookies()]
      await close()
      const again = await startWebkit(options)
      await again.driver.get(address)
      for (const cookie of cookies) await again.driver.manage().addCookie(cookie)
      await again.driver.get(address)
      return again
    },
    close,
  }
}

/** MiniBrowser needs a display. @returns its name, which Xvfb chose */
async function startDisplay(): Promise<string> {
  const xvfb = startProgram('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const [number] = (await once(xvfb.stdio[3] as Readable, 'data')) as [Buffer]
  return `:${number.toString().trim()}`
}
