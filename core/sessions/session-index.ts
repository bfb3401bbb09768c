import { sha256 } from '../keys/hash.ts'
import type { Store } from '../store/redis.ts'
import { SLOT_TAGS } from '../store/store-masters.ts'
import { MAX_SESSION_SECONDS } from './session.ts'

/** An entry is written just before its session. After that, an entry without a session is left over. */
const OPENED_WITHIN_SECONDS = 120

export interface IndexEntry {
  /** Of a session. */
  readonly id: string
  /** Seconds since 1970. */
  readonly addedAt: number
}

export interface IndexPage {
  /** Newest first. */
  readonly entries: readonly IndexEntry[]
  /** The `before` of the next page; undefined after the last one. */
  readonly next?: IndexEntry
}

/**
 * Index of all sessions of a Connect host, in a sorted set for each sixteenth of a cluster's slots. An entry is written
 * before its session, so a live session is never missing; an entry may be left over from a session that has ended.
 */
export class SessionIndex {
  readonly #redis: Store
  readonly #origin: string

  /** @param origin - of the Connect host; others in the same Redis have their own index */
  constructor(redis: Store, origin: string) {
    this.#redis = redis
    this.#origin = sha256(origin)
  }

  /**
   * Enters a session; a second time changes nothing.
   *
   * @param openedAt - in seconds since 1970; the session lives for at most `seconds` from now
   */
  async add(id: string, { openedAt, seconds }: { openedAt: number; seconds: number }): Promise<void> {
    const expired = openedAt - MAX_SESSION_SECONDS
    await this.#redis.eval(ADD, 1, this.#keyOf(id), id, openedAt, expired, seconds)
  }

  /**
   * A page of entries, newest first.
   *
   * @param before - the last entry of the page before
   */
  async page({ limit, before }: { limit: number; before?: IndexEntry }): Promise<IndexPage> {
    const pages = await Promise.all(SLOT_TAGS.map((tag) => this.#pageOf(tag, limit, before)))
    const entries = pages.flat().sort(newestFirst)
    const last = entries.length > limit ? entries[limit - 1] : undefined
    return { entries: entries.slice(0, limit), ...(last === undefined ? {} : { next: last }) }
  }

  /** Removes entries without a session, but none whose session may just be opening. `now` is in seconds since 1970. */
  async forget(gone: readonly IndexEntry[], now: number): Promise<void> {
    const old = gone.filter(({ addedAt }) => addedAt < now - OPENED_WITHIN_SECONDS)
    const byKey = Map.groupBy(old, ({ id }) => this.#keyOf(id))
    await Promise.all([...byKey].map(([key, ended]) => this.#redis.zrem(key, ...ended.map(({ id }) => id))))
  }

  /** One more than `limit`, if there are as many: it tells that another page follows. */
  async #pageOf(tag: string, limit: number, before: IndexEntry | undefined): Promise<IndexEntry[]> {
    const key = this.#key(tag)
    if (before === undefined) {
      return entriesOf(await this.#redis.zrange(key, '0', String(limit), 'REV', 'WITHSCORES'))
    }
    const { id, addedAt } = before
    const [older, together] = await Promise.all([
      this.#redis.zrange(key, `(${addedAt}`, '-inf', 'BYSCORE', 'REV', 'LIMIT', '0', limit + 1, 'WITHSCORES'),
      this.#redis.zrange(key, String(addedAt), String(addedAt), 'BYSCORE', 'REV', 'WITHSCORES'),
    ])
    return [...entriesOf(together).filter((entry) => entry.id < id), ...entriesOf(older)]
  }

  #keyOf(id: string): string {
    return this.#key(SLOT_TAGS[hashOf(id) % SLOT_TAGS.length] ?? '')
  }

  #key(tag: string): string {
    return `connect:sessions:{${tag}}:${this.#origin}`
  }
}

function entriesOf(flat: readonly string[]): IndexEntry[] {
  return flat.flatMap((id, index) => (index % 2 === 0 ? [{ id, addedAt: Number(flat[index + 1]) }] : []))
}

/** As Redis orders members with the same score: by bytes. */
function newestFirst(one: IndexEntry, other: IndexEntry): number {
  if (one.addedAt !== other.addedAt) return other.addedAt - one.addedAt
  return one.id < other.id ? 1 : -1
}

function hashOf(id: string): number {
  return Buffer.from(sha256(id), 'base64url').readUInt16BE()
}

/** Removes expired entries, and lets the index live as long as its last session. */
const ADD = `
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', ARGV[3])
redis.call('ZADD', KEYS[1], 'NX', ARGV[2], ARGV[1])
if redis.call('TTL', KEYS[1]) < tonumber(ARGV[4]) then redis.call('EXPIRE', KEYS[1], ARGV[4]) end
return 1
`
