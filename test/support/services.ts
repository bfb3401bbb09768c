import assert from 'node:assert/strict'
import { readServiceList } from '../../core/services/service-list.ts'
import type { HttpService, McpService, Service } from '../../core/services/service.ts'

export const PLATFORM_ENTRY = `
- kind: mcp
  name: platform
  title: Quilt Platform MCP Server
  prefix: /mcp/platform
  path: /mcp/platform/mcp
  aliases: [/mcp/platform, /mcp]
  scopes: [platform]
  default: true
  upstream: http://127.0.0.1:8000/mcp
  read: { tools: quilt-platform }
`
export const FILES_ENTRY = `
- kind: http
  name: files
  title: Sample files
  prefix: /files
  scopes: [files]
  upstream: http://127.0.0.1:8001/files
  read: { paths: [/files/raw] }
`

export function servicesFrom(text: string): [Service, ...Service[]] {
  const { data, error } = readServiceList(text)
  assert.ok(data !== undefined, error?.message)
  return data
}

const [platform, files] = servicesFrom(PLATFORM_ENTRY + FILES_ENTRY)
assert.ok(platform.kind === 'mcp' && files?.kind === 'http')

export const PLATFORM: McpService = platform
export const FILES: HttpService = files
/** Only the Platform MCP server, as most tests use. */
export const SERVICES: readonly [Service] = [PLATFORM]
