import { execFile } from 'node:child_process'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { sha256 } from '../../../core/keys/hash.ts'
import { isExecutable } from '../tools/find-binary.ts'
import { MissingTool } from '../tools/missing-tool.ts'
import { findPython } from './find-python.ts'
import { QUILT_MCP_FOLDER, QUILT_MCP_PYTHON, QUILT_MCP_VERSION, REQUIREMENTS } from './installation.ts'

const run = promisify(execFile)

/** Written last. A virtual environment contains its own path, so it cannot be renamed into place. */
const WHOLE = join(QUILT_MCP_FOLDER, 'whole')

/** pip checks each file against its hash, builds nothing, and adds nothing to the list. */
const INSTALL = ['install', '--quiet', '--disable-pip-version-check', '--no-deps', '--only-binary=:all:']

/**
 * @returns the Python that runs it with `-m quilt_mcp.main`
 * @throws MissingTool with the reason
 */
export async function fetchQuiltMcp(): Promise<string> {
  const pins = sha256(await readFile(REQUIREMENTS, 'utf8'))
  if (await isInstalled(pins)) return QUILT_MCP_PYTHON
  const python = await findPython()
  console.log(`tools: installing quilt-mcp ${QUILT_MCP_VERSION} (a minute and a half, once)`)
  await step(python, ['-m', 'venv', '--clear', '--without-pip', QUILT_MCP_FOLDER])
  const into = ['-m', 'pip', '--python', QUILT_MCP_PYTHON]
  await step(python, [...into, ...INSTALL, '--require-hashes', '-r', REQUIREMENTS])
  await writeFile(WHOLE, pins)
  return QUILT_MCP_PYTHON
}

async function isInstalled(pins: string): Promise<boolean> {
  const installed = await readFile(WHOLE, 'utf8').catch(() => undefined)
  return installed === pins && (await isExecutable(QUILT_MCP_PYTHON))
}

async function step(python: string, args: readonly string[]): Promise<void> {
  await run(python, args).catch((error: unknown) => {
    const { stdout = '', stderr = '', message = '' } = error as Partial<Record<string, string>>
    const reason = reasonIn(`${stdout}\n${stderr}`.trim().split('\n')) || message
    throw new MissingTool(`quilt-mcp ${QUILT_MCP_VERSION}`, `${python} -m ${args[1] ?? ''} failed: ${reason}`)
  })
}

/** Without a network, pip's last line is that it found no such package. */
function reasonIn(lines: readonly string[]): string {
  if (lines.some((line) => line.includes('connection broken'))) return 'no connection to the package index'
  return lines.findLast((line) => line.startsWith('ERROR')) ?? lines.at(-1) ?? ''
}
