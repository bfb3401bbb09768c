import { describeError } from '../../core/describe-error.ts'
import { Unavailable } from '../oauth/errors.ts'
import { CredentialRefused } from '../quilt/credential-source.ts'
import { endSession } from './end-session.ts'
import type { Current, RenewParts } from './current-credential.ts'

/** Asks the Registry whether a session's person may still use Quilt; the session of one who may not is ended. */
export function checkPerson(parts: RenewParts) {
  /** @returns true too where the Registry does not answer: the check is postponed, and nobody is logged out for it */
  return async function isInGoodStanding({ session, credential, isChecked }: Current): Promise<boolean> {
    if (isChecked) return true
    const askedAt = parts.now()
    try {
      const { name } = await parts.registry.whoIs(credential)
      if (name === session.person.name) {
        await parts.sessions.markChecked(session.id, askedAt)
        return true
      }
      parts.logouts.begin(credential.token)
      await endSession(parts, session, 'its credential is somebody else’s')
    } catch (error) {
      if (error instanceof Unavailable) {
        parts.log.warn({ reason: describeError(error) }, 'a check is postponed')
        return true
      }
      if (!(error instanceof CredentialRefused)) throw error
      await endSession(parts, session, error.reason)
    }
    return false
  }
}
