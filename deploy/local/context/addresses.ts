import { join } from 'node:path'
import { QUILT_MCP, type StackContext } from './stack-context.ts'

/** Where the parts find each other. */

export function socketPath(
  { folder }: StackContext,
  name: 'valkey' | 'authz' | 'consent-ui' | 'envoy-admin',
): string {
  return join(folder, `${name}.sock`)
}

export function storeUrl(context: StackContext): string {
  return `unix:${socketPath(context.sharesStoreWith ?? context, 'valkey')}`
}

/** Browsers and ID tokens name it so: an issuer is compared byte for byte. */
export function identityProviderUrl(context: StackContext): string {
  return `http://localhost:${(context.sharesStoreWith ?? context).ports.identityProvider}`
}

/** Of the real Registry, or of the demo's. */
export function registryUrlOf(context: StackContext): string {
  return (
    context.registryUrl?.href ?? `http://localhost:${(context.sharesStoreWith ?? context).ports.registry}`
  )
}

/** Of the demo's sample files. */
export function filesUrlOf({ ports }: StackContext): string {
  return `http://127.0.0.1:${ports.files}/files`
}

/** Of whichever Platform MCP server is in use; those that run here have a path of `/mcp`. */
export function serviceUrlOf({ ports, service }: StackContext): string {
  return service === undefined || service === QUILT_MCP
    ? `http://127.0.0.1:${ports.platformMcp}/mcp`
    : service.href
}
