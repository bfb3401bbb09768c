import { execFile } from 'node:child_process'
import { access, constants } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { promisify } from 'node:util'
import type { Binary, Wheel } from './binaries.ts'
import { MissingTool } from './missing-tool.ts'
import { TOOLS_FOLDER } from './tools-folder.ts'

const run = promisify(execFile)

/**
 * Finds a program: the one that its variable names, else a recent one on PATH, else the fetched one.
 *
 * @throws MissingTool with what to do
 */
export async function findBinary(binary: Binary): Promise<string> {
  const found = (await ownBinary(binary)) ?? (await fetchedBinary(binary))
  if (found !== undefined) return found
  throw new MissingTool(
    binary.title,
    `${binary.install ?? 'run "npm run tools"'}, or name one in ${binary.variable}`,
  )
}

/** @throws MissingTool if the variable names a file that cannot be run */
export async function ownBinary(binary: Binary): Promise<string | undefined> {
  const named = process.env[binary.variable]
  if (named === undefined || named === '') return await onPath(binary)
  if (await isExecutable(named)) return named
  throw new MissingTool(binary.title, `${binary.variable} names ${named}, which cannot be run`)
}

export async function fetchedBinary({ wheel }: Binary): Promise<string | undefined> {
  if (wheel === undefined) return undefined
  const path = fetchedPath(wheel)
  return (await isExecutable(path)) ? path : undefined
}

/** Each version has its own folder. */
export function fetchedPath({ name, version, member }: Wheel): string {
  return join(TOOLS_FOLDER, `${name}-${version}`, member.split('/').at(-1) ?? '')
}

export async function isExecutable(path: string): Promise<boolean> {
  return await access(path, constants.X_OK).then(
    () => true,
    () => false,
  )
}

async function onPath(binary: Binary): Promise<string | undefined> {
  for (const { name, since } of binary.onPath) {
    for (const folder of (process.env.PATH ?? '').split(delimiter)) {
      const path = join(folder, name)
      if ((await isExecutable(path)) && (await isRecent(path, binary, since))) return path
    }
  }
  return undefined
}

async function isRecent(path: string, { versionPattern }: Binary, since: string): Promise<boolean> {
  const { stdout } = await run(path, ['--version']).catch(() => ({ stdout: '' }))
  const [, version = '0'] = versionPattern.exec(stdout) ?? []
  return version.localeCompare(since, 'en', { numeric: true }) >= 0
}
