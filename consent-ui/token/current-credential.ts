import type { KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import type { SessionStore, StoredSession } from '../../core/sessions/session-store.ts'
import type { QuiltCredential, Session } from '../../core/sessions/session.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { Registry } from '../quilt/registry.ts'
import type { BackgroundWork } from '../http/background-work.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import type { RenewalFailureStore } from '../store/renewal-failures.ts'

/** What keeping a session's credential current takes. */
export interface RenewParts {
  readonly ring: KeyRing
  readonly sessions: SessionStore
  readonly provider: CredentialProvider
  readonly registry: Registry
  readonly ender: SessionEnder
  readonly logouts: Logouts
  readonly inBackground: BackgroundWork
  readonly renewalFailures: RenewalFailureStore
  readonly accessTokenSeconds: number
  readonly log: Log
  readonly now: () => number
}

/** A session with a Quilt credential that lives. */
export interface Current {
  readonly session: Session
  readonly credential: QuiltCredential
  /** The Registry has just said that its person may use it. */
  readonly isChecked: boolean
}

/** A session as it was read, opened. */
export interface Opened {
  readonly stored: StoredSession
  readonly credential: QuiltCredential
  readonly share: string
}
