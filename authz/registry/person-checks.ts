import { LRUCache } from 'lru-cache'
import type { Log } from '../../core/log/log.ts'
import type { CachedSession } from '../sessions/cached-session.ts'
import { ANSWER_TIMEOUT_MS, withTimeout } from '../limits/with-timeout.ts'
import { Outages } from './outages.ts'
import { PersonCheck, type Question, type Standing } from './person-check.ts'
import type { Registry } from '../../core/quilt/registry.ts'

/** A request waits for one question no longer than that. */
const MAX_WAIT_MS = 300

export interface PersonCheckOptions {
  readonly registry: Registry
  /** For so long after it last accepted a credential, a Registry that does not answer changes nothing. */
  readonly outageMaxMs: number
  /** Of how many sessions it is remembered: as many as are held, lest those beyond be asked about each time. */
  readonly capacity: number
  readonly log: Log
  /** Milliseconds that never go backwards, as `performance.now()`. */
  readonly elapsedMs: () => number
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
}

/**
 * Asks the Registry about the people whose sessions are in use: beside the way of their requests, or in it where
 * nobody has asked for a while.
 */
export class PersonChecks {
  readonly #parts: PersonCheckOptions
  readonly #checks: LRUCache<string, PersonCheck>
  readonly #outages: Outages

  constructor(parts: PersonCheckOptions) {
    this.#parts = parts
    this.#checks = new LRUCache({ max: parts.capacity })
    this.#outages = new Outages(parts.log, 'people go unchecked')
  }

  /** Whether the person was found in good standing so lately that nothing is to be asked. */
  isFresh(held: CachedSession): boolean {
    const nowMs = this.#parts.elapsedMs()
    return this.#checkOf(held, nowMs).isFresh(nowMs)
  }

  /**
   * Whether the person of a session may still use Quilt, as far as is known in time.
   *
   * @param credential - the session's Quilt credential, opened
   * @param begunMs - when the request came in, by `elapsedMs`
   */
  async check(held: CachedSession, credential: string, begunMs: number): Promise<Standing> {
    const nowMs = this.#parts.elapsedMs()
    const check = this.#checkOf(held, nowMs)
    if (!check.isFresh(nowMs) && check.mayAsk(nowMs)) this.#ask(check, held.session.person.name, credential)
    if (check.question !== undefined && check.mustWait(nowMs)) await this.#wait(check.question, begunMs)
    return check.standing(this.#parts.elapsedMs(), this.#parts.outageMaxMs)
  }

  /** What was found out about another credential of the session, before it was renewed, does not count. */
  #checkOf({ session, seal }: CachedSession, nowMs: number): PersonCheck {
    const known = this.#checks.get(session.id)
    if (known?.seal === seal) return known
    const ageMs = Math.max(0, this.#parts.nowMs() - (session.checkedAt ?? session.createdAt) * 1000)
    const check = new PersonCheck(seal, nowMs - ageMs)
    this.#checks.set(session.id, check)
    return check
  }

  #ask(check: PersonCheck, name: string, credential: string): void {
    const askedMs = this.#parts.elapsedMs()
    const answered = this.#parts.registry
      .whoIs(credential)
      .then(
        (answer) => {
          this.#outages.answered()
          if (answer.kind === 'accepted' && answer.name === name) check.accept(askedMs)
          else check.refuse(this.#parts.elapsedMs())
        },
        (error: unknown) => {
          this.#outages.failed(error)
          check.fail(this.#parts.elapsedMs())
        },
      )
      .finally(() => (check.question = undefined))
    check.question = { askedMs, answered }
  }

  /** However many requests wait for a slow answer, each does so only while the question is new. */
  async #wait(question: Question, begunMs: number): Promise<void> {
    const endMs = Math.min(question.askedMs + MAX_WAIT_MS, begunMs + ANSWER_TIMEOUT_MS)
    const leftMs = endMs - this.#parts.elapsedMs()
    if (leftMs > 0) await withTimeout(leftMs, question.answered).catch(() => undefined)
  }
}
