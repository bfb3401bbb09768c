import type { VerifiedToken } from '../../core/tokens/access-token.ts'
import type { Caller } from '../limits/caller.ts'
import { TokenBucket } from '../limits/token-bucket.ts'

/** Takes a third of one CPU; the rest is for known tokens. */
const VERIFICATIONS_PER_SECOND = 2000
/** A burst after authz starts: 80 ms of verifying, less than Envoy waits. */
const MAX_WAITING = 600
/** With less left, each network is limited to its share, so that others get a turn. */
const BUSY_BELOW = MAX_WAITING / 2

interface Verification {
  readonly verify: () => VerifiedToken
  readonly callers: Caller[]
  readonly outcome: PromiseWithResolvers<VerifiedToken | 'busy'>
}

export interface SignatureQueueOptions {
  readonly elapsedMs: () => number
  /** Caches a result, if a caller still waits for it. */
  readonly remember: (key: string, verified: VerifiedToken) => void
}

/**
 * Verifies signatures: one per turn of the event loop, so that other requests wait for at most one; and a limited number
 * per second, so that forged tokens cannot take the whole CPU.
 */
export class SignatureQueue {
  readonly #remember: SignatureQueueOptions['remember']
  readonly #waiting = new Map<string, Verification>()
  readonly #bucket: TokenBucket

  constructor({ elapsedMs, remember }: SignatureQueueOptions) {
    this.#remember = remember
    this.#bucket = new TokenBucket({ max: MAX_WAITING, perSecond: VERIFICATIONS_PER_SECOND }, elapsedMs)
  }

  /** Callers with the same token share its verification. Returns `busy` when too many wait. */
  enqueue(
    key: string,
    verify: () => VerifiedToken,
    caller: Caller,
  ): Promise<VerifiedToken | 'busy'> | 'busy' {
    const waiting = this.#waiting.get(key)
    if (waiting !== undefined) {
      waiting.callers.push(caller)
      return waiting.outcome.promise
    }
    if (this.#waiting.size >= MAX_WAITING || !this.#bucket.take()) return 'busy'
    const outcome = Promise.withResolvers<VerifiedToken | 'busy'>()
    if (this.#waiting.size === 0) setImmediate(() => this.#runNext())
    this.#waiting.set(key, { verify, callers: [caller], outcome })
    return outcome.promise
  }

  isBusy(): boolean {
    return this.#bucket.left < BUSY_BELOW || this.#waiting.size > MAX_WAITING - BUSY_BELOW
  }

  #runNext(): void {
    const [first] = this.#waiting
    if (first === undefined) return
    const [key, verification] = first
    this.#waiting.delete(key)
    if (this.#waiting.size > 0) setImmediate(() => this.#runNext())
    try {
      verification.outcome.resolve(this.#run(key, verification))
    } catch (error) {
      verification.outcome.reject(error)
    }
  }

  /** Skips the verification when no caller waits any more. */
  #run(key: string, { verify, callers }: Verification): VerifiedToken | 'busy' {
    if (callers.every(({ isGone }) => isGone)) return 'busy'
    const verified = verify()
    this.#remember(key, verified)
    return verified
  }
}
