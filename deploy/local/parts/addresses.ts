import { join } from 'node:path'
import { QUILT_MCP, type Facts } from '../facts.ts'

/** Where the parts find each other. */

export function socketPath(
  { folder }: Facts,
  name: 'valkey' | 'authz' | 'consent-ui' | 'envoy-admin',
): string {
  return join(folder, `${name}.sock`)
}

export function storeUrl(facts: Facts): string {
  return `unix:${socketPath(facts.joins ?? facts, 'valkey')}`
}

/** Browsers and ID tokens name it so: an issuer is compared byte for byte. */
export function identityProviderUrl(facts: Facts): string {
  return `http://localhost:${(facts.joins ?? facts).ports.identityProvider}`
}

/** Of the real Registry, or of the demo's. */
export function registryUrlOf(facts: Facts): string {
  return facts.registryUrl?.href ?? `http://localhost:${(facts.joins ?? facts).ports.registry}`
}

/** Of the demo's sample files. */
export function filesUrlOf({ ports }: Facts): string {
  return `http://127.0.0.1:${ports.files}/files`
}

/** Of whichever Platform MCP server is in use; those that run here have a path of `/mcp`. */
export function serviceUrlOf({ ports, service }: Facts): string {
  return service === undefined || service === QUILT_MCP
    ? `http://127.0.0.1:${ports.platformMcp}/mcp`
    : service.href
}
