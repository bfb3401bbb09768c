import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session } from '../../core/sessions/session.ts'
import { USER_CHECK_SECONDS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import { CredentialRefused } from '../quilt/credential-source.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { Registry } from '../quilt/registry.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import type { CurrentCredential } from './credential-renewal.ts'

interface UserStatusCheckDependencies {
  readonly registry: Registry
  readonly sessions: SessionStore
  readonly ender: SessionEnder
  readonly logouts: Logouts
  readonly log: Log
  readonly now: () => number
}

/** `active` also if the Registry does not answer: the check is postponed. */
type Outcome = 'active' | 'ended'

/** Asks the Registry whether a session's user is still active. */
export class UserStatusCheck {
  readonly #dependencies: UserStatusCheckDependencies
  /** By session: refreshes at the same moment share one check. */
  readonly #pending = new Map<string, Promise<Outcome>>()

  constructor(dependencies: UserStatusCheckDependencies) {
    this.#dependencies = dependencies
  }

  async endIfUserInactive(current: CurrentCredential): Promise<Outcome> {
    const { session, isChecked } = current
    if (isChecked || this.#isCheckedLately(session)) return 'active'
    const check = this.#pending.get(session.id) ?? this.#check(current)
    this.#pending.set(session.id, check)
    return await check.finally(() => this.#pending.delete(session.id))
  }

  /** A time in the future comes from another clock or from tampering, and does not count. */
  #isCheckedLately({ checkedAt = 0 }: Session): boolean {
    const age = this.#dependencies.now() - checkedAt
    return age >= 0 && age < USER_CHECK_SECONDS
  }

  async #check({ session, credential }: CurrentCredential): Promise<Outcome> {
    const { registry, sessions, ender, logouts, log, now } = this.#dependencies
    const askedAt = now()
    try {
      const { name } = await registry.whoIs(credential)
      if (name === session.person.name) {
        await sessions.markChecked(session.id, askedAt)
        return 'active'
      }
      logouts.begin(credential.token)
      await ender.endForReason(session, 'another_user', 'its credential belongs to another user')
    } catch (error) {
      if (error instanceof Unavailable) {
        log.warn({ reason: describeError(error) }, 'registry: user status check postponed')
        return 'active'
      }
      if (!(error instanceof CredentialRefused)) throw error
      await ender.endForReason(session, 'user_inactive', error.reason)
    }
    return 'ended'
  }
}
