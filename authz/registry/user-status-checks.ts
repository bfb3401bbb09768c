import { LRUCache } from 'lru-cache'
import type { Log } from '../../core/log/log.ts'
import type { CachedSession } from '../sessions/cached-session.ts'
import { ANSWER_TIMEOUT_MS, withTimeout } from '../limits/with-timeout.ts'
import { Outages } from './outages.ts'
import { UserStatusCheck, type Question, type UserStatus } from './user-status.ts'
import type { Registry } from '../../core/quilt/registry.ts'

/** Requests wait for one question at most this long. */
const MAX_WAIT_MS = 300

export interface UserStatusCheckOptions {
  readonly registry: Registry
  /** Max age of the Registry's last acceptance of a credential while the Registry is unavailable. */
  readonly outageMaxMs: number
  /** As many as cached sessions, or sessions beyond it would be asked about on each request. */
  readonly capacity: number
  readonly log: Log
  /** Monotonic milliseconds, as `performance.now()`. */
  readonly elapsedMs: () => number
  readonly nowMs: () => number
}

/** Asks the Registry about users in the background; a request waits only if the last answer is older than a minute. */
export class UserStatusChecks {
  readonly #dependencies: UserStatusCheckOptions
  readonly #checks: LRUCache<string, UserStatusCheck>
  readonly #outages: Outages

  constructor(dependencies: UserStatusCheckOptions) {
    this.#dependencies = dependencies
    this.#checks = new LRUCache({ max: dependencies.capacity })
    this.#outages = new Outages(dependencies.log, 'users are not checked')
  }

  isFresh(held: CachedSession): boolean {
    const nowMs = this.#dependencies.elapsedMs()
    return this.#checkOf(held, nowMs).isFresh(nowMs)
  }

  /**
   * @param credential - the session's Quilt credential, decrypted
   * @param begunMs - when the request arrived, by `elapsedMs`
   */
  async check(held: CachedSession, credential: string, begunMs: number): Promise<UserStatus> {
    const nowMs = this.#dependencies.elapsedMs()
    const check = this.#checkOf(held, nowMs)
    if (!check.isFresh(nowMs) && check.mayAsk(nowMs)) this.#ask(check, held.session.person.name, credential)
    if (check.question !== undefined && check.mustWait(nowMs)) await this.#wait(check.question, begunMs)
    return check.statusAt(this.#dependencies.elapsedMs(), this.#dependencies.outageMaxMs)
  }

  /** An answer about the credential before a renewal does not count for the new one. */
  #checkOf({ session, seal }: CachedSession, nowMs: number): UserStatusCheck {
    const known = this.#checks.get(session.id)
    if (known?.seal === seal) return known
    const ageMs = Math.max(0, this.#dependencies.nowMs() - (session.checkedAt ?? session.createdAt) * 1000)
    const check = new UserStatusCheck(seal, nowMs - ageMs)
    this.#checks.set(session.id, check)
    return check
  }

  #ask(check: UserStatusCheck, name: string, credential: string): void {
    const askedMs = this.#dependencies.elapsedMs()
    const answered = this.#dependencies.registry
      .whoIs(credential)
      .then(
        (answer) => {
          this.#outages.answered()
          if (answer.kind === 'accepted' && answer.name === name) check.accept(askedMs)
          else check.refuse(this.#dependencies.elapsedMs())
        },
        (error: unknown) => {
          this.#outages.failed(error)
          check.fail(this.#dependencies.elapsedMs())
        },
      )
      .finally(() => (check.question = undefined))
    check.question = { askedMs, answered }
  }

  /** Requests wait only while the question is new: a slow Registry must not hold them all. */
  async #wait(question: Question, begunMs: number): Promise<void> {
    const endMs = Math.min(question.askedMs + MAX_WAIT_MS, begunMs + ANSWER_TIMEOUT_MS)
    const leftMs = endMs - this.#dependencies.elapsedMs()
    if (leftMs > 0) await withTimeout(leftMs, question.answered).catch(() => undefined)
  }
}
