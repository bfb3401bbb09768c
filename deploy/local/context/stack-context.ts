import type { LocalSecrets } from './local-secrets.ts'
import type { Ports } from './ports.ts'

export const QUILT_MCP = 'quilt-mcp'

/** Replaces the demo Platform MCP server: a server elsewhere, or the open-source one here. */
export type ServiceChoice = URL | typeof QUILT_MCP

export interface StackContext {
  readonly ports: Ports
  /** Of the Connect host, as browsers and clients see it. */
  readonly origin: string
  readonly secrets: LocalSecrets
  /** For sockets and rendered files of this run; only our own user may enter it. */
  readonly folder: string
  /** The audit log of authz and consent-ui; in the folder of this run if absent. */
  readonly auditFile?: string | undefined
  /** For data that outlives this run; absent if none does. */
  readonly keptFolder?: string | undefined
  readonly binaries: { readonly envoy: string; readonly valkey: string }
  readonly logLevel: string
  /** Another stack with the same store, Registry, sample files and secrets: this one is a second task of the same service. */
  readonly sharesStoreWith?: StackContext | undefined
  /** A real Registry; absent to start the demo Registry and identity provider. */
  readonly registryUrl?: URL | undefined
  readonly service?: ServiceChoice | undefined
  /** Starts identity provider, Registry and sample files of the demo in place of their processes. */
  readonly startDemo?: ((context: StackContext) => Promise<void>) | undefined
  /** An OTLP receiver of spans. */
  readonly tracesEndpoint?: URL | undefined
  /** Where users' credentials come from, with the demo Registry; `exchange` by default. */
  readonly source?: 'exchange' | 'catalog' | undefined
  readonly changeEnvoyConfig?: ((rendered: string) => string) | undefined
}
