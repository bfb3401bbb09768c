import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { MissingTool } from './missing-tool.ts'
import { TOOLS_FOLDER } from './tools-folder.ts'

const run = promisify(execFile)

const INSTALL = ['install', '--quiet', '--no-deps', '--only-binary=:all:', '--require-hashes', '--no-compile']
const HASH_CHARACTERS = 12

/**
 * Installs Python packages once for each version of their requirements. pip checks each wheel against its hash.
 *
 * @param requirements - path of a requirements file
 * @returns the folder for PYTHONPATH
 * @throws MissingTool with what to do
 */
export async function installPython(name: string, requirements: string): Promise<string> {
  const version = createHash('sha256')
    .update(readFileSync(requirements))
    .digest('hex')
    .slice(0, HASH_CHARACTERS)
  const folder = join(TOOLS_FOLDER, `${name}-${version}`)
  if (existsSync(folder)) return folder
  await mkdir(TOOLS_FOLDER, { recursive: true })
  const unfinished = await mkdtemp(join(TOOLS_FOLDER, 'installing-'))
  await run('python3', ['-m', 'pip', ...INSTALL, '-r', requirements, '--target', unfinished]).catch(
    (error: unknown) => {
      const { stderr = '' } = error as { readonly stderr?: string }
      throw new MissingTool(name, `python3 -m pip install failed (Python 3.11 to 3.14): ${stderr.trim()}`)
    },
  )
  // Renamed last, so that it is never there in part.
  await rename(unfinished, folder)
  return folder
}
