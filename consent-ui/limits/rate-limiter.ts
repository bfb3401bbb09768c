import { createHmac } from 'node:crypto'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { subkey, type KeyRing } from '../../core/keys.ts'
import type { Log } from '../../core/log.ts'
import type { Store } from '../../core/redis.ts'
import type { LimitName, Limits } from './limit-settings.ts'

/** There were too many of these. */
export class TooManyRequests extends Error {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(`too many requests; try again in ${retryAfterSeconds} seconds`)
    this.name = 'TooManyRequests'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

interface LimiterParts {
  readonly store: Store
  readonly ring: KeyRing
  readonly log: Log
}

/**
 * Counts in the store, so for all processes together; in this process alone while the store does not answer, so
 * that what works without it is limited too. Who is counted appears in the store as a keyed hash: without the
 * operator's key, it does not even tell which of all addresses it is.
 */
export class RateLimiter {
  readonly #limiters = new Map<LimitName, RateLimiterRedis>()
  readonly #hashKey: Buffer
  readonly #log: Log

  constructor({ store, ring, log }: LimiterParts, limits: Limits) {
    this.#log = log
    this.#hashKey = subkey(ring, ring.current, { purpose: 'rate limits' })
    for (const [name, limit] of Object.entries(limits) as [LimitName, Limits[LimitName]][]) {
      if (limit === undefined) continue
      const options = {
        keyPrefix: `connect:limit:${name}`,
        points: limit.points,
        duration: limit.seconds,
      }
      const insuranceLimiter = new RateLimiterMemory(options)
      const redis = { storeClient: store, rejectIfRedisNotReady: true, insuranceLimiter }
      this.#limiters.set(name, new RateLimiterRedis({ ...options, ...redis }))
    }
  }

  /**
   * Counts one more.
   *
   * @throws TooManyRequests when it is one too many
   */
  async take(name: LimitName, subject: string): Promise<void> {
    const limiter = this.#limiters.get(name)
    try {
      await limiter?.consume(this.#hashed(subject))
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      // Once for each of them: who asks a thousand times does not fill the log.
      if (error.consumedPoints - 1 === limiter?.points)
        this.#log.warn({ limit: name }, 'a rate limit was reached')
      throw new TooManyRequests(Math.max(1, Math.ceil(error.msBeforeNext / 1000)))
    }
  }

  /** Counts one less: it was none of those that are limited. */
  async giveBack(name: LimitName, subject: string): Promise<void> {
    await this.#limiters.get(name)?.reward(this.#hashed(subject))
  }

  #hashed(subject: string): string {
    return createHmac('sha256', this.#hashKey).update(subject).digest('base64url')
  }
}
