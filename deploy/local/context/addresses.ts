import { join } from 'node:path'
import { QUILT_MCP, type StackContext } from './stack-context.ts'

export function socketPath(
  { folder }: StackContext,
  name: 'valkey' | 'authz' | 'consent-ui' | 'envoy-admin' | 'authz-metrics' | 'consent-ui-metrics',
): string {
  return join(folder, `${name}.sock`)
}

export function auditFileOf({ auditFile, folder }: StackContext): string {
  return auditFile ?? join(folder, 'audit.log')
}

export function storeUrl(context: StackContext): string {
  return `unix:${socketPath(context.sharesStoreWith ?? context, 'valkey')}`
}

/** The issuer, which browsers and ID tokens must name byte for byte. */
export function identityProviderUrl(context: StackContext): string {
  return `http://localhost:${(context.sharesStoreWith ?? context).ports.identityProvider}`
}

export function registryUrlOf(context: StackContext): string {
  return (
    context.registryUrl?.href ?? `http://localhost:${(context.sharesStoreWith ?? context).ports.registry}`
  )
}

export function filesUrlOf(context: StackContext): string {
  return `http://127.0.0.1:${(context.sharesStoreWith ?? context).ports.files}/files`
}

export function serviceUrlOf({ ports, service }: StackContext): string {
  return service === undefined || service === QUILT_MCP
    ? `http://127.0.0.1:${ports.platformMcp}/mcp`
    : service.href
}
