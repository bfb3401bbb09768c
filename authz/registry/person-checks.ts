import type { Log } from '../../core/log.ts'
import type { Session } from '../../core/session.ts'
import { LruMap } from '../lru-map.ts'
import { within } from '../within.ts'
import { PersonCheck, type Question, type Standing } from './person-check.ts'
import type { Registry } from './registry.ts'

/** About 1 KiB each. */
const CHECKS_REMEMBERED = 20_000
/** A request waits for one question no longer than that. */
const LONGEST_WAIT_MS = 300
/** Together with reading the session, less than Envoy waits for us (envoy.yaml, 500 ms). */
const ANSWER_WITHIN_MS = 450

export interface PersonCheckParts {
  readonly registry: Registry
  /** For so long after it last accepted a credential, a Registry that does not answer changes nothing. */
  readonly outageMaxMs: number
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
  readonly #parts: PersonCheckParts
  readonly #checks = new LruMap<PersonCheck>(CHECKS_REMEMBERED)
  #answers = true

  constructor(parts: PersonCheckParts) {
    this.#parts = parts
  }

  /** Whether the person was found in good standing so lately that nothing is to be asked. */
  isFresh(session: Session): boolean {
    const nowMs = this.#parts.elapsedMs()
    return this.#checkOf(session, nowMs).isFresh(nowMs)
  }

  /**
   * Whether the person of a session may still use Quilt, as far as is known in time.
   *
   * @param credential - the session's Quilt credential, opened
   * @param begunMs - when the request came in, by `elapsedMs`
   */
  async standing(session: Session, credential: string, begunMs: number): Promise<Standing> {
    const nowMs = this.#parts.elapsedMs()
    const check = this.#checkOf(session, nowMs)
    if (!check.isFresh(nowMs) && check.mayAsk(nowMs)) this.#ask(check, session, credential)
    if (check.question !== undefined && check.mustWait(nowMs)) await this.#wait(check.question, begunMs)
    return check.standing(this.#parts.elapsedMs(), this.#parts.outageMaxMs)
  }

  /** What was found out about another credential of the session, before it was renewed, does not count. */
  #checkOf(session: Session, nowMs: number): PersonCheck {
    const known = this.#checks.get(session.id)
    if (known?.sealedCredential === session.sealedCredential) return known
    const ageMs = Math.max(0, this.#parts.nowMs() - (session.checkedAt ?? session.createdAt) * 1000)
    const check = new PersonCheck(session.sealedCredential, nowMs - ageMs)
    this.#checks.set(session.id, check)
    return check
  }

  #ask(check: PersonCheck, session: Session, credential: string): void {
    const askedMs = this.#parts.elapsedMs()
    const answered = this.#parts.registry
      .whoIs(credential)
      .then(
        (answer) => {
          this.#report(true)
          if (answer.kind === 'accepted' && answer.name === session.person.name) check.accept(askedMs)
          else check.refuse(this.#parts.elapsedMs())
        },
        (error: unknown) => {
          this.#report(false, error)
          check.fail(this.#parts.elapsedMs())
        },
      )
      .finally(() => (check.question = undefined))
    check.question = { askedMs, answered }
  }

  /** However many requests wait for a slow answer, each does so only while the question is new. */
  async #wait(question: Question, begunMs: number): Promise<void> {
    const endMs = Math.min(question.askedMs + LONGEST_WAIT_MS, begunMs + ANSWER_WITHIN_MS)
    const leftMs = endMs - this.#parts.elapsedMs()
    if (leftMs > 0) await within(leftMs, question.answered).catch(() => undefined)
  }

  /** Once for each outage, however many questions meet it. */
  #report(answers: boolean, error?: unknown): void {
    if (answers === this.#answers) return
    this.#answers = answers
    if (answers) this.#parts.log.info('the Registry answers again')
    else
      this.#parts.log.warn({ reason: reasonOf(error) }, 'the Registry does not answer: people go unchecked')
  }
}

/** Where no address of a name answers, the error has a code alone. */
function reasonOf(error: unknown): string | undefined {
  return error instanceof Error ? error.message || (error as NodeJS.ErrnoException).code : undefined
}
