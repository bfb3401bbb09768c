/** `unknown`: the Registry has been unavailable for longer than the operator allows. */
export type UserStatus = 'accepted' | 'refused' | 'unknown'

/** Older results are renewed in the background, so that requests need not wait. */
const ASK_AFTER_MS = 45_000
/** With older results, a request waits for the Registry. */
const WAIT_AFTER_MS = 60_000
/** A client that repeats a refused credential must not flood the Registry. */
const REFUSED_FOR_MS = 10_000
const RETRY_AFTER_MS = 5000

export interface Question {
  readonly askedMs: number
  readonly answered: Promise<void>
}

/** The user status of one session. All times are milliseconds of a monotonic clock. */
export class UserStatusCheck {
  readonly seal: string
  question: Question | undefined
  #acceptedMs: number
  #refused = false
  #askAgainMs = -Infinity

  constructor(seal: string, acceptedMs: number) {
    this.seal = seal
    this.#acceptedMs = acceptedMs
  }

  isFresh(nowMs: number): boolean {
    return nowMs - this.#acceptedMs < ASK_AFTER_MS
  }

  mayAsk(nowMs: number): boolean {
    return this.question === undefined && nowMs >= this.#askAgainMs
  }

  mustWait(nowMs: number): boolean {
    return nowMs - this.#acceptedMs >= WAIT_AFTER_MS
  }

  /** A refusal holds until the Registry accepts the credential again, also while the Registry is unavailable. */
  statusAt(nowMs: number, outageMaxMs: number): UserStatus {
    if (this.#refused) return 'refused'
    return nowMs - this.#acceptedMs < outageMaxMs ? 'accepted' : 'unknown'
  }

  /** @param askedMs - the time of the question: the user may have been deactivated since */
  accept(askedMs: number): void {
    this.#refused = false
    this.#acceptedMs = askedMs
  }

  refuse(nowMs: number): void {
    this.#refused = true
    this.#acceptedMs = -Infinity
    this.#askAgainMs = nowMs + REFUSED_FOR_MS
  }

  fail(nowMs: number): void {
    this.#askAgainMs = nowMs + RETRY_AFTER_MS
  }
}
