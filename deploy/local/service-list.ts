import { QUILT_MCP, type Facts } from './facts.ts'
import { filesUrlOf, serviceUrlOf } from './parts/addresses.ts'

/**
 * The list of services of this stack (CONNECT_SERVICES): the Platform MCP server that was chosen, and the demo's
 * sample files where the demo's Registry runs.
 */
export function serviceList(facts: Facts): string {
  return JSON.stringify([platform(facts), ...(facts.registryUrl === undefined ? [files(facts)] : [])])
}

function platform(facts: Facts) {
  return {
    kind: 'mcp',
    name: 'platform',
    title: 'Quilt Platform MCP Server',
    prefix: '/mcp/platform',
    path: '/mcp/platform/mcp',
    aliases: ['/mcp/platform', '/mcp'],
    scopes: ['platform'],
    default: true,
    upstream: serviceUrlOf(facts),
    read: { tools: facts.service === QUILT_MCP ? 'quilt-mcp' : 'quilt-platform' },
  }
}

function files(facts: Facts) {
  return {
    kind: 'http',
    name: 'files',
    title: 'Sample files',
    prefix: '/files',
    scopes: ['files'],
    upstream: filesUrlOf(facts),
    read: { paths: ['/files'] },
  }
}
