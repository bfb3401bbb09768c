import type { Redis } from 'ioredis'
import { SESSION_CHANGES } from './session-changes.ts'
import { END_SESSION, OPEN_SESSION, ROTATE_REFRESH_TOKEN } from './session-scripts.ts'
import type { Session } from './session.ts'

/** The refresh token of a session as the store knows it: hashes only. */
export interface RefreshState {
  readonly hash: string
  readonly generation: number
  /** Of the sealing key from which the current token was derived. */
  readonly keyId: string
}

/** What an exchanged refresh token turned out to be. */
export type Rotation =
  /** It was the current one; its successor is current now. */
  | { readonly outcome: 'rotated' }
  /** It was exchanged before, within the grace; `keyId` derives the same successor again. */
  | { readonly outcome: 'repeated'; readonly keyId: string }
  | { readonly outcome: 'stale' }
  /** The session has ended. */
  | { readonly outcome: 'gone' }

/** Sessions in Redis; see storage.md. Every method throws where the store cannot answer. */
export class SessionStore {
  readonly #redis: Redis

  constructor(redis: Redis) {
    this.#redis = redis
  }

  /** The session, or undefined when it has ended or never was. */
  async find(id: string): Promise<Session | undefined> {
    const record = await this.#redis.hget(sessionKey(id), 'record')
    return record === null ? undefined : (JSON.parse(record) as Session)
  }

  /** Keeps the record of an issued authorization code; the code itself is known as a hash alone. */
  async issueCode(
    sessionId: string,
    codeHash: string,
    entry: { record: string; seconds: number },
  ): Promise<void> {
    await this.#redis.set(codeKey(sessionId, codeHash), entry.record, 'EX', entry.seconds)
  }

  /** The record of a code, which may be the marker of a used one; undefined when there is none. */
  async findCode(sessionId: string, codeHash: string): Promise<string | undefined> {
    return (await this.#redis.get(codeKey(sessionId, codeHash))) ?? undefined
  }

  /**
   * Turns an issued code into a used marker and writes its session, in one step.
   *
   * @param code - its hash, the record that was read, and the marker with its lifetime
   * @param opened - the session, its first refresh token, and how long it may be idle
   * @returns false when the code was used by somebody else in between; nothing is changed then
   */
  async openSession(
    code: { hash: string; record: string; usedMarker: string; usedSeconds: number },
    opened: { session: Session; refresh: RefreshState; idleSeconds: number },
  ): Promise<boolean> {
    const { session, refresh } = opened
    const result = await this.#redis.eval(
      OPEN_SESSION,
      2,
      codeKey(session.id, code.hash),
      sessionKey(session.id),
      code.record,
      code.usedMarker,
      code.usedSeconds,
      JSON.stringify(session),
      refresh.hash,
      refresh.generation,
      refresh.keyId,
      opened.idleSeconds,
    )
    return result === 1
  }

  /**
   * Exchanges a refresh token for its successor, in one step.
   *
   * @param presented - hash of the token that the client showed
   * @param successor - of the token that follows it, and how long the session may now be idle
   * @param grace - `now` and how long ago a repeated exchange may be, in seconds
   */
  async rotate(
    presented: { sessionId: string; hash: string },
    successor: { refresh: RefreshState; idleSeconds: number },
    grace: { now: number; seconds: number },
  ): Promise<Rotation> {
    const [outcome, keyId] = (await this.#redis.eval(
      ROTATE_REFRESH_TOKEN,
      1,
      sessionKey(presented.sessionId),
      presented.hash,
      successor.refresh.hash,
      successor.refresh.generation,
      successor.refresh.keyId,
      successor.idleSeconds,
      grace.now,
      grace.seconds,
    )) as [Rotation['outcome'], string?]
    return outcome === 'repeated' ? { outcome, keyId: keyId ?? '' } : { outcome }
  }

  /** Whether a refresh token is the session's current one or the one before it. */
  async knowsRefreshToken(sessionId: string, hash: string): Promise<boolean> {
    const hashes = await this.#redis.hmget(sessionKey(sessionId), 'refresh', 'previous')
    return hashes.includes(hash)
  }

  /**
   * Ends a session and tells every authz process, in one step.
   *
   * @param change - names this change, for the acknowledgements of the authz processes
   */
  async end(id: string, change: string): Promise<void> {
    await this.#redis.eval(
      END_SESSION,
      1,
      sessionKey(id),
      SESSION_CHANGES,
      JSON.stringify({ session: id, change }),
    )
  }
}

/** The braces make the keys of one session share a slot of a Redis cluster. */
function sessionKey(id: string): string {
  return `connect:{${id}}:session`
}

function codeKey(sessionId: string, codeHash: string): string {
  return `connect:{${sessionId}}:code:${codeHash}`
}
