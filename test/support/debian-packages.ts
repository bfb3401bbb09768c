import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import process from 'node:process'
import { isExecutable } from '../../deploy/local/tools/find-binary.ts'
import { MissingTool } from '../../deploy/local/tools/missing-tool.ts'
import { run } from './run.ts'

const INSTALL = ['install', '-q', '-y', '--no-install-recommends']
/** Another apt-get may run. A source that does not answer may be one that no package needs. */
const PATIENCE = ['DPkg::Lock::Timeout=300', 'Acquire::Retries=2', 'Acquire::http::Timeout=20']

export interface WantedPrograms {
  /** Named in messages. */
  readonly suite: string
  /** The Debian package of each program. */
  readonly packages: Readonly<Record<string, string>>
}

/**
 * Installs the programs that are not on PATH.
 *
 * @throws MissingTool with the command to run, if it may not or it failed
 */
export async function installPrograms({ suite, packages }: WantedPrograms): Promise<void> {
  const missing = await missingPackages(packages)
  if (missing.length === 0) return
  const fix = `on Debian, as root, run "apt-get update && apt-get ${[...INSTALL, ...missing].join(' ')}"`
  const names = missing.join(', ')
  if (process.getuid?.() !== 0 || !(await isOnPath('apt-get'))) throw new MissingTool(names, fix)
  process.stderr.write(`${suite}: installing ${names} (a minute, once)\n`)
  const problem = await install(missing)
  const left = await missingPackages(packages)
  if (left.length > 0) throw new MissingTool(left.join(', '), `${fix}; it failed here:\n${problem}`)
}

async function missingPackages(packages: WantedPrograms['packages']): Promise<string[]> {
  const missing = new Set<string>()
  for (const [program, name] of Object.entries(packages)) {
    if (!(await isOnPath(program))) missing.add(name)
  }
  return [...missing]
}

async function isOnPath(program: string): Promise<boolean> {
  const folders = (process.env.PATH ?? '').split(delimiter)
  const found = await Promise.all(folders.map((folder) => isExecutable(join(folder, program))))
  return found.includes(true)
}

/** With package lists of its own: the machine's may be old or broken. @returns what went wrong */
async function install(missing: readonly string[]): Promise<string> {
  const lists = await mkdtemp(join(tmpdir(), 'connect-apt-lists-'))
  // apt-get downloads as another user.
  await chmod(lists, 0o755)
  const options = [`Dir::State::lists=${lists}`, ...PATIENCE].flatMap((option) => ['-o', option])
  // It also fails for a source that no package needs.
  const update = await aptGet(['update', '-q', ...options, '-o', 'APT::Update::Error-Mode=any'])
  const installed = await aptGet([...INSTALL, ...options, ...missing])
  await rm(lists, { recursive: true, force: true })
  return `${update}${installed}`
}

/** @returns its errors */
async function aptGet(args: readonly string[]): Promise<string> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', LC_ALL: 'C' }
  return await run('apt-get', args, env).then(
    () => '',
    (error: unknown) => errorLines((error as Error).message),
  )
}

function errorLines(text: string): string {
  return text
    .split('\n')
    .filter((line) => line.startsWith('E: '))
    .map((line) => `${line}\n`)
    .join('')
}
