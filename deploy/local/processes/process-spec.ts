import type { Environment } from '../../../core/config/environment.ts'

export type ProcessName =
  'valkey' | 'identity-provider' | 'registry' | 'platform-mcp' | 'files' | 'authz' | 'consent-ui' | 'envoy'

/** One process of the stack: how it is run, and how one knows that it works. */
export interface ProcessSpec {
  readonly name: ProcessName
  readonly command: string
  readonly args: readonly string[]
  readonly environment: Environment
  /** Whether it serves; a rejection counts as not yet. */
  readonly isHealthy: () => Promise<boolean>
  /** What is lost when it crashes, and how to keep it; absent where nothing is. */
  readonly lostInCrash?: string
}
