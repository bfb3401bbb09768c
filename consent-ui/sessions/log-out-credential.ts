import { describeError } from '../../core/log/describe-error.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import { openCredential, type QuiltCredential, type Session } from '../../core/sessions/session.ts'
import type { Logouts } from '../quilt/logouts.ts'

export interface LogOutParts {
  readonly ring: KeyRing
  readonly logouts: Logouts
  readonly log: Log
  readonly now: () => number
}

/** Logs the Quilt credential of an ended session out. The session is dead by now, whatever becomes of this. */
export function logOutCredential(parts: LogOutParts, session: Session, share: string): void {
  const credential = opened(parts, session, share)
  if (credential !== undefined && credential.expiresAt > parts.now()) parts.logouts.begin(credential.token)
}

function opened({ ring, log }: LogOutParts, session: Session, share: string): QuiltCredential | undefined {
  try {
    return openCredential(ring, session, share)
  } catch (error) {
    log.warn({ reason: describeError(error) }, 'credential of an ended session not logged out')
    return undefined
  }
}
