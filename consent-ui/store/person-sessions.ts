import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import { MAX_SESSION_SECONDS } from '../../core/sessions/session.ts'
import type { Store } from '../../core/store/redis.ts'
import { CODE_SECONDS, REVOCATION_MARKER_SECONDS } from '../lifetimes.ts'

export interface PersonSession {
  readonly id: string
  /** Seconds since 1970. */
  readonly addedAt: number
}

/** After that, an entry without a session is left over: its code has expired. */
const OPENED_WITHIN_SECONDS = 2 * CODE_SECONDS

/** Sessions by {@link quiltUser}. An entry is written before its session, so a live session is never missing. */
export class PersonSessions {
  readonly #redis: Store
  readonly #origin: string

  /** @param origin - of the Connect host; others in the same Redis have their own lists */
  constructor(redis: Store, origin: string) {
    this.#redis = redis
    this.#origin = origin
  }

  /** Lists a session before it is opened, for at most `seconds`. `now` is in seconds since 1970. */
  async add(user: string, id: string, { now, seconds }: { now: number; seconds: number }): Promise<void> {
    await this.#redis.eval(ADD, 1, this.#keyOf(user), id, now, now - MAX_SESSION_SECONDS, seconds)
  }

  /** All entries, newest first. */
  async of(user: string): Promise<PersonSession[]> {
    const flat = await this.#redis.zrange(this.#keyOf(user), '0', '-1', 'REV', 'WITHSCORES')
    return flat.flatMap((id, index) => (index % 2 === 0 ? [{ id, addedAt: Number(flat[index + 1]) }] : []))
  }

  /** Removes entries without a session, but none whose code can still be redeemed. */
  async forget(user: string, gone: readonly PersonSession[], now: number): Promise<void> {
    const old = gone.filter(({ addedAt }) => addedAt < now - OPENED_WITHIN_SECONDS)
    if (old.length > 0) await this.#redis.zrem(this.#keyOf(user), ...old.map(({ id }) => id))
  }

  /**
   * Writes a new revocation marker: codes issued before it are refused.
   *
   * @param user - a {@link quiltUser}, or a {@link quiltAddress}
   */
  async markRevocation(user: string): Promise<void> {
    const key = `connect:taken-back:${this.#hashOf(user)}`
    await this.#redis.eval(MARK, 1, key, randomSecret(), REVOCATION_MARKER_SECONDS)
  }

  /** The user's last marker, kept for {@link REVOCATION_MARKER_SECONDS}. */
  async revocationMarker(user: string): Promise<string | undefined> {
    return (await this.#redis.get(`connect:taken-back:${this.#hashOf(user)}`)) ?? undefined
  }

  /** When the user's last marker was written (seconds since 1970), rounded up; undefined if it is older than its life. */
  async revokedAt(user: string, now: number): Promise<number | undefined> {
    const leftMs = await this.#redis.pttl(`connect:taken-back:${this.#hashOf(user)}`)
    return leftMs < 0 ? undefined : now - REVOCATION_MARKER_SECONDS + Math.ceil(leftMs / 1000)
  }

  #keyOf(user: string): string {
    return `connect:sessions-of:${this.#hashOf(user)}`
  }

  #hashOf(user: string): string {
    return sha256(JSON.stringify([this.#origin, user]))
  }
}

/** May write when memory is full: a full Redis must not keep access alive. */
const MARK = `#!lua flags=allow-oom
return redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
`

/** Removes expired entries, and lets the list live as long as its last session. */
const ADD = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('ZADD', KEYS[1], ARGV[2], ARGV[1])
if redis.call('TTL', KEYS[1]) < tonumber(ARGV[4]) then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return 1
`
