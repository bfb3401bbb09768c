import type { LocalSecrets } from './local-secrets.ts'
import type { Ports } from './ports.ts'

/** The open-source Quilt MCP server, fetched and run here. */
export const QUILT_MCP = 'quilt-mcp'

/** What runs in place of the demo Platform MCP server: one elsewhere, or the open-source one here. */
export type ServiceChoice = URL | typeof QUILT_MCP

/** Everything that the parts of one stack have to agree on. */
export interface StackContext {
  readonly ports: Ports
  /** Of the Connect host, as browsers and clients see it. */
  readonly origin: string
  readonly secrets: LocalSecrets
  /** A folder of this run for sockets and rendered files, which our own user alone may enter. */
  readonly folder: string
  /** Where what shall outlive this run is; absent when nothing shall. */
  readonly keptFolder?: string | undefined
  readonly binaries: { readonly envoy: string; readonly valkey: string }
  readonly logLevel: string
  /** Another stack, whose store, Registry and secrets this one shares: a second task of the same service. */
  readonly sharesStoreWith?: StackContext | undefined
  /** A real Registry; absent where the demo's is to be started, with its identity provider. */
  readonly registryUrl?: URL | undefined
  /** Absent where the demo's Platform MCP server is to be started. */
  readonly service?: ServiceChoice | undefined
  /** Rewrites the YAML that Envoy runs; absent where it runs as rendered. */
  readonly changeEnvoyConfig?: ((rendered: string) => string) | undefined
}
