import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import type { Store } from '../../core/store/redis.ts'
import { CODE_SECONDS, REVOCATION_MARKER_SECONDS } from '../lifetimes.ts'
import { MAX_SESSION_SECONDS } from '../config/session-lifetimes.ts'

/** A session that was about to be opened for somebody, `addedAt` seconds since 1970. */
export interface PersonSession {
  readonly id: string
  readonly addedAt: number
}

/** A session that is not there so long after it was entered was never opened: its code has run out. */
const OPENED_WITHIN_SECONDS = 2 * CODE_SECONDS

/**
 * Which sessions are whose. An entry is made before its session is, so that a live session is never missing; one
 * without a session does no harm, and goes when it is seen. People are named as links name them, hashed.
 */
export class PersonSessions {
  readonly #redis: Store
  readonly #origin: string

  /** @param origin - of the Connect host: those of others in the same store are not shown here */
  constructor(redis: Store, origin: string) {
    this.#redis = redis
    this.#origin = origin
  }

  /**
   * Enters a session that is about to be opened, and lives for `seconds` at most.
   *
   * @param now - seconds since 1970
   */
  async add(user: string, id: string, { now, seconds }: { now: number; seconds: number }): Promise<void> {
    await this.#redis.eval(ADD, 1, this.#keyOf(user), id, now, now - MAX_SESSION_SECONDS, seconds)
  }

  /** All that were entered, the newest first. */
  async of(user: string): Promise<PersonSession[]> {
    const flat = await this.#redis.zrange(this.#keyOf(user), '0', '-1', 'REV', 'WITHSCORES')
    return flat.flatMap((id, index) => (index % 2 === 0 ? [{ id, addedAt: Number(flat[index + 1]) }] : []))
  }

  /** Forgets those of a person's that turned out not to be there, but for what may be opened at this moment. */
  async forget(user: string, gone: readonly PersonSession[], now: number): Promise<void> {
    const old = gone.filter(({ addedAt }) => addedAt < now - OPENED_WITHIN_SECONDS)
    if (old.length > 0) await this.#redis.zrem(this.#keyOf(user), ...old.map(({ id }) => id))
  }

  /**
   * They are about to end or narrow what they have: what they or their applications were granted before, and was not
   * opened yet, counts no more.
   */
  async takeBack(user: string): Promise<void> {
    await this.#redis.set(
      `connect:taken-back:${this.#hashOf(user)}`,
      randomSecret(),
      'EX',
      REVOCATION_MARKER_SECONDS,
    )
  }

  /** Names the last time that they did, for {@link REVOCATION_MARKER_SECONDS}; undefined when it is longer ago. */
  async lastTakenBack(user: string): Promise<string | undefined> {
    return (await this.#redis.get(`connect:taken-back:${this.#hashOf(user)}`)) ?? undefined
  }

  #keyOf(user: string): string {
    return `connect:sessions-of:${this.#hashOf(user)}`
  }

  #hashOf(user: string): string {
    return sha256(JSON.stringify([this.#origin, user]))
  }
}

/** Lives as long as the last of its sessions may, and forgets those that must be over. */
const ADD = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
if redis.call('TTL', KEYS[1]) < tonumber(ARGV[4]) then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return 1
`
