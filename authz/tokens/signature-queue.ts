import type { VerifiedToken } from '../../core/tokens/access-token.ts'
import type { Caller } from '../stages/caller.ts'

/** A third of one processor: the rest belongs to those whose tokens are known. */
const PROOFS_PER_SECOND = 2000
/** All the clients of an office start at once, after authz did: 80 ms of verifying, less than Envoy waits. */
const MAX_WAITING = 600
/** From here on each address gets its share and no more, so that what is left is there for the others. */
const BUSY_BELOW = MAX_WAITING / 2

/** A token whose signature is to be looked at, and who waits for that. */
interface Proof {
  readonly prove: () => VerifiedToken
  readonly callers: Caller[]
  readonly outcome: PromiseWithResolvers<VerifiedToken | 'busy'>
}

export interface ProofParts {
  /** Milliseconds that never go backwards, as `performance.now()`. */
  readonly elapsedMs: () => number
  /** What came out, while somebody still waits for it. */
  readonly remember: (key: string, verified: VerifiedToken) => void
}

/**
 * Looks at signatures: one in each turn of the event loop, so that whoever needs none waits for one at most, and
 * so many in a second, so that whoever sends forged tokens without end takes a part of a processor and no more.
 */
export class Proofs {
  readonly #parts: ProofParts
  readonly #waiting = new Map<string, Proof>()
  #left = MAX_WAITING
  #countedMs: number

  constructor(parts: ProofParts) {
    this.#parts = parts
    this.#countedMs = parts.elapsedMs()
  }

  /**
   * The outcome of `prove`, which is called once for all who ask about one token meanwhile; `busy` where too many
   * others are to be proven.
   *
   * @param key - names the token
   */
  of(key: string, prove: () => VerifiedToken, caller: Caller): Promise<VerifiedToken | 'busy'> | 'busy' {
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) {
      waiting.callers.push(caller)
      return waiting.outcome.promise
    }
    if (this.#waiting.size >= MAX_WAITING || !this.#mayBegin()) return 'busy'
    const outcome = Promise.withResolvers<VerifiedToken | 'busy'>()
    if (this.#waiting.size === 0) setImmediate(() => this.#next())
    this.#waiting.set(key, { prove, callers: [caller], outcome })
    return outcome.promise
  }

  /** Whether half of what may begin or wait is taken. */
  isBusy(): boolean {
    this.#regain()
    return this.#left < BUSY_BELOW || this.#waiting.size > MAX_WAITING - BUSY_BELOW
  }

  /** As many as fit in a second may begin, at most {@link MAX_WAITING} of them at once. */
  #mayBegin(): boolean {
    this.#regain()
    if (this.#left < 1) return false
    this.#left -= 1
    return true
  }

  #regain(): void {
    const nowMs = this.#parts.elapsedMs()
    const regained = ((nowMs - this.#countedMs) / 1000) * PROOFS_PER_SECOND
    this.#left = Math.min(MAX_WAITING, this.#left + regained)
    this.#countedMs = nowMs
  }

  #next(): void {
    const [first] = this.#waiting
    if (first === undefined) return
    const [key, proof] = first
    this.#waiting.delete(key)
    if (this.#waiting.size > 0) setImmediate(() => this.#next())
    try {
      proof.outcome.resolve(this.#prove(key, proof))
    } catch (error) {
      proof.outcome.reject(error)
    }
  }

  /** For whoever is no longer there nothing is done, and nothing remembered. */
  #prove(key: string, { prove, callers }: Proof): VerifiedToken | 'busy' {
    if (callers.every(({ ended }) => ended)) return 'busy'
    const verified = prove()
    if (callers.some(({ ended }) => !ended)) this.#parts.remember(key, verified)
    return verified
  }
}
