import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { TOOLS_FOLDER } from '../tools/tools-folder.ts'

/** The only place that names the version. */
export const REQUIREMENTS = join(import.meta.dirname, 'requirements.txt')

export const QUILT_MCP_VERSION = versionIn(readFileSync(REQUIREMENTS, 'utf8'))

/** A Python virtual environment; each version has its own. */
export const QUILT_MCP_FOLDER = join(TOOLS_FOLDER, `quilt-mcp-${QUILT_MCP_VERSION}`)

/** Exists after `fetchQuiltMcp`. */
export const QUILT_MCP_PYTHON = join(QUILT_MCP_FOLDER, 'bin/python')

function versionIn(requirements: string): string {
  const [, version] = /^quilt-mcp==(\S+)/m.exec(requirements) ?? []
  if (version === undefined) throw new TypeError('requirements.txt pins no quilt-mcp')
  return version
}
