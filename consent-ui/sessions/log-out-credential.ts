import type { KeyRing } from '../../core/keys/keys.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import { openCredential, type Session } from '../../core/sessions/session.ts'
import type { Logouts } from '../quilt/logouts.ts'

export interface LogOutDependencies {
  readonly ring: KeyRing
  readonly logouts: Logouts
  readonly log: Log
  readonly now: () => number
}

/** Logs out the Quilt credential of an ended session, in the background. */
export function logOutCredential(
  { ring, logouts, log, now }: LogOutDependencies,
  session: Session,
  share: string,
): void {
  try {
    const credential = openCredential(ring, session, share)
    if (credential !== undefined && credential.expiresAt > now()) logouts.begin(credential.token)
  } catch (error) {
    log.warn({ reason: describeError(error) }, 'credential of an ended session not logged out')
  }
}
