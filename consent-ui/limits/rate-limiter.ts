import { createHmac } from 'node:crypto'
import { RateLimiterMemory, RateLimiterRedis, RateLimiterRes } from 'rate-limiter-flexible'
import { subkey, type KeyRing } from '../../core/keys/keys.ts'
import type { Log } from '../../core/log/log.ts'
import type { CountedNetwork } from '../../core/network/client-address.ts'
import type { Store } from '../../core/store/redis.ts'
import type { LimitName, Limits } from '../config/limit-settings.ts'
import type { ConsentUiMetrics } from '../metrics/consent-ui-metrics.ts'

export class TooManyRequests extends Error {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(`too many requests; try again in ${retryAfterSeconds} seconds`)
    this.name = 'TooManyRequests'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** Too many sign-ins are open: 503 for new ones. */
export class StoreAtCapacity extends Error {
  readonly retryAfterSeconds: number

  constructor(retryAfterSeconds: number) {
    super(`too many sign-ins are open on this server; try again in ${retryAfterSeconds} seconds`)
    this.name = 'StoreAtCapacity'
    this.retryAfterSeconds = retryAfterSeconds
  }
}

interface RateLimiterDependencies {
  readonly store: Store
  readonly ring: KeyRing
  readonly metrics: Pick<ConsentUiMetrics, 'limitHit'>
  readonly log: Log
}

export interface Counted {
  /** With this one. */
  readonly count: number
  /** Seconds until the next is allowed; absent below the limit. */
  readonly retryAfterSeconds?: number
  /** This one was the first over the limit. */
  readonly isFirstOver: boolean
}

/** Counts in Redis, or in this process while Redis fails. Keyed hashes hide addresses and client ids. */
export class RateLimiter {
  readonly #limits: Limits
  /** By limit name and shares. */
  readonly #limiters = new Map<string, RateLimiterRedis>()
  readonly #hashKey: Buffer
  readonly #store: Store
  readonly #metrics: Pick<ConsentUiMetrics, 'limitHit'>
  readonly #log: Log

  constructor({ store, ring, metrics, log }: RateLimiterDependencies, limits: Limits) {
    this.#store = store
    this.#metrics = metrics
    this.#log = log
    this.#limits = limits
    this.#hashKey = subkey(ring, ring.current, { purpose: 'rate limits' })
  }

  /** @returns the count of the network. @throws TooManyRequests */
  async take(name: LimitName, { network, shares }: CountedNetwork): Promise<number> {
    const { count, retryAfterSeconds, isFirstOver } = await this.count(name, network, shares)
    if (retryAfterSeconds === undefined) return count
    // Once for each network, so that an attacker cannot fill the log.
    if (isFirstOver) this.#log.warn({ limit: name }, 'rate limit reached')
    throw new TooManyRequests(retryAfterSeconds)
  }

  /** @param shares - how many times the limit the subject may use */
  async count(name: LimitName, subject: string, shares = 1): Promise<Counted> {
    const limiter = this.#limiterOf(name, shares)
    if (limiter === undefined) return { count: 0, isFirstOver: false }
    try {
      const { consumedPoints } = await limiter.consume(this.#hashed(subject))
      return { count: consumedPoints, isFirstOver: false }
    } catch (error) {
      if (!(error instanceof RateLimiterRes)) throw error
      const { consumedPoints: count, msBeforeNext } = error
      this.#metrics.limitHit(name)
      return { count, retryAfterSeconds: secondsOf(msBeforeNext), isFirstOver: count - 1 === limiter.points }
    }
  }

  /** True if the network has reached its limit. Counts nothing. */
  async isSpent(name: LimitName, { network, shares }: CountedNetwork): Promise<boolean> {
    const counted = await this.#limiterOf(name, shares)?.get(this.#hashed(network))
    return counted?.remainingPoints === 0
  }

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
