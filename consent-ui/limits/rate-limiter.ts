import { createHmac } from 'node:crypto'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { subkey, type KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import type { CountedNetwork } from '../../core/network/client-address.ts'
import type { Store } from '../../core/store/redis.ts'
import type { LimitName, Limits } from '../config/limit-settings.ts'

/** There were too many of these. */
export class TooManyRequests extends Error {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(`too many requests; try again in ${retryAfterSeconds} seconds`)
    this.name = 'TooManyRequests'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The store keeps as many unfinished sign-ins as it may: 503 for new ones. */
export class StoreAtCapacity extends Error {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(`too many sign-ins are open on this server; try again in ${retryAfterSeconds} seconds`)
    this.name = 'StoreAtCapacity'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

interface LimiterParts {
  readonly store: Store
  readonly ring: KeyRing
  readonly log: Log
}

/** What a count came to. */
export interface Counted {
  /** This one included. */
  readonly count: number
  /** Seconds until the next may come, where this one was too many. */
  readonly retryAfterSeconds?: number
  /** This was the first that was too many. */
  readonly isFirstOver: boolean
}

/**
 * Counts in the store, so for all processes together; in this process alone while the store does not answer, so
 * that what works without it is limited too. Who is counted appears in the store as a keyed hash: without the
 * operator's key, it does not even tell which of all addresses it is.
 */
export class RateLimiter {
  readonly #limits: Limits
  /** By limit and shares. */
  readonly #limiters = new Map<string, RateLimiterRedis>()
  readonly #hashKey: Buffer
  readonly #store: Store
  readonly #log: Log

  constructor({ store, ring, log }: LimiterParts, limits: Limits) {
    this.#store = store
    this.#log = log
    this.#limits = limits
    this.#hashKey = subkey(ring, ring.current, { purpose: 'rate limits' })
  }

  /**
   * Counts one more in a network.
   *
   * @returns how many there are now
   * @throws TooManyRequests when it is one too many
   */
  async take(name: LimitName, { network, shares }: CountedNetwork): Promise<number> {
    const { count, retryAfterSeconds, isFirstOver } = await this.count(name, network, shares)
    if (retryAfterSeconds === undefined) return count
    // Once for each network: a thousand requests of one do not fill the log.
    if (isFirstOver) this.#log.warn({ limit: name }, 'a rate limit was reached')
    throw new TooManyRequests(retryAfterSeconds)
  }

  /** Counts one more of a subject, which may have so many times the limit. */
  async count(name: LimitName, subject: string, shares = 1): Promise<Counted> {
    const limiter = this.#limiterOf(name, shares)
    if (limiter === undefined) return { count: 0, isFirstOver: false }
    try {
      const { consumedPoints } = await limiter.consume(this.#hashed(subject))
      return { count: consumedPoints, isFirstOver: false }
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      const { consumedPoints: count, msBeforeNext } = error
      return { count, retryAfterSeconds: secondsOf(msBeforeNext), isFirstOver: count - 1 === limiter.points }
    }
  }

  /** Whether the next from a network would be one too many. Counts nothing. */
  async isSpent(name: LimitName, { network, shares }: CountedNetwork): Promise<boolean> {
    const counted = await this.#limiterOf(name, shares)?.get(this.#hashed(network))
    return counted?.remainingPoints === 0
  }

  /** Counts one less: it was none of those that are limited. */
  async giveBack(name: LimitName, { network, shares }: CountedNetwork): Promise<void> {
    await this.#limiterOf(name, shares)?.reward(this.#hashed(network))
  }

  #limiterOf(name: LimitName, shares: number): RateLimiterRedis | undefined {
    const limit = this.#limits[name]
    if (limit === undefined) return undefined
    const known = this.#limiters.get(`${name} ${shares}`)
    if (known !== undefined) return known
    const points = limit.points * shares
    const options = { keyPrefix: `connect:limit:${name}`, points, duration: limit.seconds }
    const limiter = new RateLimiterRedis({
      ...options,
      storeClient: this.#store,
      rejectIfRedisNotReady: true,
      insuranceLimiter: new RateLimiterMemory(options),
    })
    this.#limiters.set(`${name} ${shares}`, limiter)
    return limiter
  }

  #hashed(subject: string): string {
    return createHmac('sha256', this.#hashKey).update(subject).digest('base64url')
  }
}

function secondsOf(milliseconds: number): number {
  return Math.max(1, Math.ceil(milliseconds / 1000))
}
