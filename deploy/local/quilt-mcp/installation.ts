import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TOOLS_FOLDER } from '../tools/tools-folder.ts'

/** The one place that says which version; a newer one is another list. */
export const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')

export const QUILT_MCP_VERSION = versionIn(readFileSync(REQUIREMENTS, 'utf8'))

/** A virtual environment of Python; another version is another folder. */
export const QUILT_MCP_FOLDER = join(TOOLS_FOLDER, `quilt-mcp-${QUILT_MCP_VERSION}`)

/** Runs `-m quilt_mcp.main`, once `fetchQuiltMcp` was there. */
export const QUILT_MCP_PYTHON = join(QUILT_MCP_FOLDER, 'bin/python')

function versionIn(requirements: string): string {
  const [, version] = /^quilt-mcp==(\S+)/m.exec(requirements) ?? []
  if (version === undefined) throw new TypeError('requirements.txt pins no quilt-mcp')
  return version
}
