import { McpServer } from '@modelcontextprotocol/server'
import { addChangingTools } from './changing-tools.ts'
import { addReadingTools } from './reading-tools.ts'
import type { ToolParts } from './tool-parts.ts'

/** The MCP server for one user. */
export function createMcpServer(parts: ToolParts): McpServer {
  const server = new McpServer(
    { name: 'quilt-platform-demo', title: 'Quilt Platform (demo)', version: '1.0.0' },
    { instructions: 'Search, browse and change the Quilt packages of a demo on this machine.' },
  )
  addReadingTools(server, parts)
  addChangingTools(server, parts)
  return server
}
