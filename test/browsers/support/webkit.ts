import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { globSync } from 'node:fs'
import type { Readable } from 'node:stream'
import { sharedByFiles } from '../../support/close-after-all.ts'
import { startWithDriver } from './driver-process.ts'
import { capabilities, SCHEMES, stopAfterAll, type BrowserOptions, type RealBrowser } from './real-browser.ts'

const MAX_WAIT_MS = 20_000
const POLL_MS = 50
const MINI_BROWSER = '/usr/lib/*/webkit2gtk-4.1/MiniBrowser'

const display = sharedByFiles(startDisplay)

/** Debian's WebKit in its own small browser. It opens no application: the link stays as the tab's address. */
export async function startWebkit(options: BrowserOptions): Promise<RealBrowser> {
  const [binary] = globSync(MINI_BROWSER)
  // As a capability the proxy would be asked over TLS.
  const own = [`--proxy=http://${options.proxy}`, '--ignore-host=localhost', '--ignore-host=127.0.0.1']
  const args = ['--automation', `--enable-javascript=${options.runsScripts}`, ...own]
  const driver = await startWithDriver(
    'WebKitWebDriver',
    {
      ...capabilities(options),
      proxy: undefined,
      browserName: 'MiniBrowser',
      'webkitgtk:browserOptions': { binary, args },
    },
    { DISPLAY: await display() },
  )
  const handedOver = async (): Promise<URL> => {
    let url = new URL('about:blank')
    const hasLeft = async (): Promise<boolean> => {
      url = new URL(await driver.getCurrentUrl())
      return SCHEMES.includes(url.protocol.slice(0, -1))
    }
    await driver.wait(hasLeft, MAX_WAIT_MS, 'an address with a custom scheme', POLL_MS)
    return url
  }
  return { driver, takesDoubleClicks: false, handedOver }
}

/** MiniBrowser needs a display. @returns its name, which Xvfb chose */
async function startDisplay(): Promise<string> {
  const xvfb = spawn('Xvfb', ['-displayfd', '3', '-nolisten', 'tcp'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  stopAfterAll(xvfb)
  const [number] = (await once(xvfb.stdio[3] as Readable, 'data')) as [Buffer]
  return `:${number.toString().trim()}`
}
