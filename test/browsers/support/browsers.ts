import { startChromium } from './chromium.ts'
import { startFirefox } from './firefox.ts'
import type { StartBrowser } from './real-browser.ts'
import { startWebkit } from './webkit.ts'

export const BROWSERS: readonly (readonly [name: string, start: StartBrowser])[] = [
  ['Chromium', startChromium],
  ['Firefox', startFirefox],
  ['WebKit', startWebkit],
]
