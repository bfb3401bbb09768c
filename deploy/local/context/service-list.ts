import { QUILT_MCP, type StackContext } from './stack-context.ts'
import { filesUrlOf, serviceUrlOf } from './addresses.ts'

/** CONNECT_SERVICES: the chosen Platform MCP server, and the sample files if the demo Registry runs. */
export function serviceList(context: StackContext): string {
  return JSON.stringify([platform(context), ...(context.registryUrl === undefined ? [files(context)] : [])])
}

function platform(context: StackContext) {
  return {
    kind: 'mcp',
    name: 'platform',
    title: 'Quilt Platform MCP Server',
    prefix: '/mcp/platform',
    path: '/mcp/platform/mcp',
    aliases: ['/mcp/platform', '/mcp'],
    scopes: ['platform'],
    default: true,
    upstream: serviceUrlOf(context),
    read: { tools: context.service === QUILT_MCP ? 'quilt-mcp' : 'quilt-platform' },
  }
}

function files(context: StackContext) {
  return {
    kind: 'http',
    name: 'files',
    title: 'Sample files',
    prefix: '/files',
    scopes: ['files'],
    upstream: filesUrlOf(context),
    read: { paths: ['/files'] },
  }
}
