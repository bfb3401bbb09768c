import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { MissingTool } from '../tools/missing-tool.ts'
import { QUILT_MCP_VERSION } from './installation.ts'

const run = promisify(execFile)

/** Those that quilt-mcp takes (3.11 and later) and that all its pinned packages have wheels for. */
const OLDEST_MINOR = 11
const NEWEST_MINOR = 14
/** On PATH; python3 is what the user chose, the others are there beside an older one. */
const NAMES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11']

/**
 * A Python on PATH that can run quilt-mcp.
 *
 * @throws MissingTool, saying what was found
 */
export async function findPython(): Promise<string> {
  let usual: string | undefined
  for (const name of NAMES) {
    const version = await versionOf(name)
    if (version !== undefined && isSuitable(version)) return name
    usual ??= version
  }
  const wanted = `Python 3.${OLDEST_MINOR} to 3.${NEWEST_MINOR}`
  const found = usual === undefined ? 'there is no python3 on PATH' : `python3 on PATH is ${usual}`
  throw new MissingTool(wanted, `quilt-mcp ${QUILT_MCP_VERSION} needs it, and ${found}`)
}

/** Undefined where there is none that runs. */
async function versionOf(name: string): Promise<string | undefined> {
  const { stdout } = await run(name, ['--version']).catch(() => ({ stdout: '' }))
  return /^Python (\d+\.\d+\.\d+)/.exec(stdout)?.[1]
}

function isSuitable(version: string): boolean {
  const [major, minor = 0] = version.split('.').map(Number)
  return major === 3 && minor >= OLDEST_MINOR && minor <= NEWEST_MINOR
}
