import type { Environment } from '../../../core/config/environment.ts'

export type ProcessName =
  'valkey' | 'identity-provider' | 'registry' | 'platform-mcp' | 'files' | 'authz' | 'consent-ui' | 'envoy'

export interface ProcessSpec {
  readonly name: ProcessName
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Environment
  /** A rejection counts as not healthy. */
  readonly isHealthy: () => Promise<boolean>
  /** For the user: the data that a crash loses, and how to keep it. */
  readonly lostInCrash?: string
}
