/** Whether the person of a session may still use Quilt. */
export type Standing =
  | 'accepted'
  | 'refused'
  /** The Registry has not said so for too long. */
  | 'unknown'

/** Older than that, the Registry is asked beside the request's way: the answer is there before it is needed. */
const ASK_AFTER_MS = 45_000
/** Older than that, the request waits for the answer. */
const WAIT_AFTER_MS = 60_000
/** A client that hammers with a refused credential does not hammer the Registry. */
const REFUSED_FOR_MS = 10_000
/** A Registry that did not answer is left alone for so long. */
const RETRY_AFTER_MS = 5000

/** A question that is on its way. */
export interface Question {
  readonly askedMs: number
  readonly answered: Promise<void>
}

/** What is known of one session's person. All times are milliseconds of a clock that never goes back. */
export class PersonCheck {
  /** Names the credential that the Registry was asked about. */
  readonly seal: string
  question: Question | undefined
  #acceptedMs: number
  #refused = false
  #askAgainMs = -Infinity

  constructor(seal: string, acceptedMs: number) {
    this.seal = seal
    this.#acceptedMs = acceptedMs
  }

  /** Nothing is to be done. */
  isFresh(nowMs: number): boolean {
    return nowMs - this.#acceptedMs < ASK_AFTER_MS
  }

  mayAsk(nowMs: number): boolean {
    return this.question === undefined && nowMs >= this.#askAgainMs
  }

  mustWait(nowMs: number): boolean {
    return nowMs - this.#acceptedMs >= WAIT_AFTER_MS
  }

  /** A refusal stands until the credential is accepted again: a Registry that is down takes nothing back. */
  standing(nowMs: number, outageMaxMs: number): Standing {
    if (this.#refused) return 'refused'
    return nowMs - this.#acceptedMs < outageMaxMs ? 'accepted' : 'unknown'
  }

  /** @param askedMs - what was true when it was asked may have changed since */
  accept(askedMs: number): void {
    this.#refused = false
    this.#acceptedMs = askedMs
  }

  refuse(nowMs: number): void {
    this.#refused = true
    this.#acceptedMs = -Infinity
    this.#askAgainMs = nowMs + REFUSED_FOR_MS
  }

  /** There was no answer, or none as documented. */
  fail(nowMs: number): void {
    this.#askAgainMs = nowMs + RETRY_AFTER_MS
  }
}
