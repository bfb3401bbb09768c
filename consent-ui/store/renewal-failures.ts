import { readRecord, writeRecord } from '../../core/store/record.ts'
import type { Store } from '../../core/store/redis.ts'
import {
  MAX_RENEWAL_RETRY_SECONDS,
  RENEWAL_FAILURE_MAX_SECONDS,
  RENEWAL_RETRY_SECONDS,
} from '../lifetimes.ts'

/** Consecutive failed renewals of a session. Times are seconds since 1970. */
export interface RenewalFailures {
  readonly count: number
  readonly since: number
  /** The next attempt is not before. */
  readonly retryAt: number
}

const LIFETIME_SECONDS = RENEWAL_FAILURE_MAX_SECONDS + MAX_RENEWAL_RETRY_SECONDS

/** Failed renewals in Redis, so that all processes back off together. */
export class RenewalFailureStore {
  readonly #redis: Store

  constructor(redis: Store) {
    this.#redis = redis
  }

  async find(sessionId: string): Promise<RenewalFailures | undefined> {
    const stored = await this.#redis.get(keyOf(sessionId))
    return stored === null ? undefined : (readRecord(stored) as RenewalFailures)
  }

  async add(sessionId: string, now: number): Promise<RenewalFailures> {
    const before = await this.find(sessionId)
    const { count = 0, since = now } = before ?? {}
    const delay = Math.min(RENEWAL_RETRY_SECONDS * 2 ** count, MAX_RENEWAL_RETRY_SECONDS)
    const failures = { ...before, count: count + 1, since, retryAt: now + delay }
    await this.#redis.set(keyOf(sessionId), writeRecord(failures), 'EX', LIFETIME_SECONDS)
    return failures
  }

  async clear(sessionId: string): Promise<void> {
    await this.#redis.del(keyOf(sessionId))
  }
}

function keyOf(sessionId: string): string {
  return `connect:{${sessionId}}:renewal-failures`
}
