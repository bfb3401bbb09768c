import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { MissingTool } from '../tools/missing-tool.ts'
import { QUILT_MCP_VERSION } from './installation.ts'

const run = promisify(execFile)

/** quilt-mcp needs 3.11; its pinned packages have wheels up to 3.14. */
const MIN_MINOR = 11
const MAX_MINOR = 14
const NAMES = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11']

/** @throws MissingTool with the version on PATH */
export async function findPython(): Promise<string> {
  let usual: string | undefined
  for (const name of NAMES) {
    const version = await versionOf(name)
    if (version !== undefined && isSuitable(version)) return name
    usual ??= version
  }
  const wanted = `Python 3.${MIN_MINOR} to 3.${MAX_MINOR}`
  const found = usual === undefined ? 'PATH has no python3' : `python3 on PATH is ${usual}`
  throw new MissingTool(wanted, `quilt-mcp ${QUILT_MCP_VERSION} needs it, and ${found}`)
}

async function versionOf(name: string): Promise<string | undefined> {
  const { stdout } = await run(name, ['--version']).catch(() => ({ stdout: '' }))
  return /^Python (\d+\.\d+\.\d+)/.exec(stdout)?.[1]
}

function isSuitable(version: string): boolean {
  const [major, minor = 0] = version.split('.').map(Number)
  return major === 3 && minor >= MIN_MINOR && minor <= MAX_MINOR
}
