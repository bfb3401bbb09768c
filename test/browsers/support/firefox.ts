import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Capabilities, WebDriver } from 'selenium-webdriver'
import { until } from '../../support/until.ts'
import { Marionette } from './marionette.ts'
import { OpenedLinks } from './opened-links.ts'
import { ended, newProfile, startProgram } from './programs.ts'
import { capabilities, SCHEMES, type BrowserOptions, type RealBrowser } from './real-browser.ts'

const USE_PROGRAM = 2
const OPEN_TABS_OF_BEFORE = 3

/** Debian's Firefox without a window. */
export async function startFirefox(options: BrowserOptions): Promise<RealBrowser> {
  const profile = newProfile()
  const links = new OpenedLinks(profile)
  const args = ['--marionette', '--headless', '--no-remote', '--profile', profile]
  writeFileSync(join(profile, 'user.js'), preferences(options))
  writeFileSync(join(profile, 'handlers.json'), handlers(links))

  async function open(): Promise<RealBrowser> {
    const child = startProgram('firefox-esr', args)
    const marionette = await Marionette.connect(await portOf(profile))
    const driver = WebDriver.createSession(marionette, new Capabilities(capabilities(options)))
    await driver.getSession()
    const close = async (): Promise<void> => {
      await driver.quit()
      await ended(child)
    }
    return {
      driver,
      takesDoubleClicks: true,
      handedOver: () => links.next(),
      restart: async () => {
        await close()
        return await open()
      },
      close,
    }
  }

  return await open()
}

function preferences({ runsScripts }: BrowserOptions): string {
  const values: [string, number | boolean | string][] = [
    ['marionette.port', 0],
    ['browser.startup.page', OPEN_TABS_OF_BEFORE],
    ['javascript.enabled', runsScripts],
    ['datareporting.policy.dataSubmissionEnabled', false],
    ['app.normandy.enabled', false],
    ['network.captive-portal-service.enabled', false],
    ...SCHEMES.map((scheme): [string, boolean] => [`network.protocol-handler.external.${scheme}`, true]),
  ]
  return values.map((value) => `user_pref(${JSON.stringify(value).slice(1, -1)});\n`).join('')
}

function handlers({ program }: OpenedLinks): string {
  const handler = { action: USE_PROGRAM, ask: false, handlers: [{ name: 'Application', path: program }] }
  const schemes = Object.fromEntries(SCHEMES.map((scheme) => [scheme, handler]))
  return JSON.stringify({ defaultHandlersVersion: {}, mimeTypes: {}, schemes })
}

/** Firefox writes the port that it chose into its profile. */
async function portOf(profile: string): Promise<number> {
  const file = join(profile, 'MarionetteActivePort')
  const read = (): string => (existsSync(file) ? readFileSync(file, 'utf8') : '')
  await until(() => read() !== '', 'Marionette of Firefox')
  const port = Number(read())
  rmSync(file)
  return port
}
