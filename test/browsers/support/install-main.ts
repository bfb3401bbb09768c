import process from 'node:process'
import { MissingTool } from '../../../deploy/local/tools/missing-tool.ts'
import { installPrograms } from '../../support/debian-packages.ts'

/** Programs of the browsers, and the Debian package of each. */
const PACKAGES = {
  chromium: 'chromium',
  chromedriver: 'chromium-driver',
  'firefox-esr': 'firefox-esr',
  WebKitWebDriver: 'webkit2gtk-driver',
  Xvfb: 'xvfb',
}

try {
  await installPrograms({ suite: 'browsers', packages: PACKAGES })
} catch (error) {
  if (!(error instanceof MissingTool)) throw error
  console.error(error.message)
  process.exitCode = 1
}
