import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import { isExecutable } from './find-binary.ts'
import { MissingTool } from './missing-tool.ts'
import { TOOLS_FOLDER } from './tools-folder.ts'

/** The browser is packed in an npm package, whose version is the browser's. */
const PACKAGE = join(import.meta.dirname, '../../../node_modules/@sparticuz/chromium/package.json')

/**
 * The browser for the tests: the one that CHROMIUM_BIN names, else the one that was unpacked.
 *
 * @throws MissingTool, saying how to get it
 */
export async function findChromium(): Promise<string> {
  const named = process.env.CHROMIUM_BIN
  const path = named === undefined || named === '' ? join(chromiumFolder(), 'chromium') : named
  if (await isExecutable(path)) return path
  throw new MissingTool('Chromium', 'run "npm run tools", or name one in CHROMIUM_BIN')
}

export function chromiumFolder(): string {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }
  return join(TOOLS_FOLDER, `chromium-${version}`)
}
