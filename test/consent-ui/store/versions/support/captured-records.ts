import type { Settings } from '../../../support/settings.ts'

/** A transaction of a browser. */
interface CapturedTransaction {
  readonly id: string
  readonly cookie: string
}

/** Everything in Redis as one release wrote it, with what opens it. */
export interface CapturedRecords {
  /** Seconds since 1970. */
  readonly capturedAt: number
  readonly settings: Settings
  readonly client: { readonly id: string; readonly redirectUri: string }
  readonly secrets: {
    readonly usedCode: string
    readonly code: string
    readonly refreshToken: string
    readonly answered: CapturedTransaction
    readonly waiting: CapturedTransaction
    readonly held: CapturedTransaction
    readonly state: string
  }
  /** Strings and hashes by key. */
  readonly keys: Readonly<Record<string, string | Readonly<Record<string, string>>>>
}
