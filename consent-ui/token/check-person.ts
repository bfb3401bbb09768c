import { describeError } from '../../core/log/describe-error.ts'
import type { Session } from '../../core/sessions/session.ts'
import { USER_CHECK_SECONDS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import { CredentialRefused } from '../quilt/credential-source.ts'
import { endSession } from '../sessions/end-session.ts'
import type { Current, RenewParts } from './current-credential.ts'

/** Asks the Registry whether a session's person may still use Quilt; the session of one who may not is ended. */
export function checkPerson(parts: RenewParts) {
  /** By session: refreshes at the same moment share one question. */
  const questions = new Map<string, Promise<boolean>>()

  /** @returns true too where the Registry does not answer: the check is postponed, and the session goes on */
  return async function isInGoodStanding(current: Current): Promise<boolean> {
    const { session, isChecked } = current
    if (isChecked || isCheckedLately(session)) return true
    const question = questions.get(session.id) ?? ask(current)
    questions.set(session.id, question)
    return await question.finally(() => questions.delete(session.id))
  }

  /** A time to come is another process's clock, or made up: it counts for nothing. */
  function isCheckedLately({ checkedAt = 0 }: Session): boolean {
    const age = parts.now() - checkedAt
    return age >= 0 && age < USER_CHECK_SECONDS
  }

  async function ask({ session, credential }: Current): Promise<boolean> {
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
