import type { Store } from '../store/redis.ts'
import { evalReplicated, type Replication } from '../store/replication.ts'
import { SESSION_CHANGES } from './session-changes.ts'
import {
  DELETE_IF_EQUAL,
  END_SESSION,
  KEEP_RENEWAL,
  MARK_CHECKED,
  MARK_CONTESTED,
  DOWNGRADE_SESSION,
  OPEN_SESSION,
  REPLACE_SESSION,
  ROTATE_REFRESH_TOKEN,
} from './session-scripts.ts'
import type { Session } from './session.ts'
import { masterOf } from '../store/store-masters.ts'

/** The current refresh token of a session as the store knows it: hashes only. */
export interface RefreshState {
  readonly hash: string
  readonly generation: number
  /** Of the sealing key from which the current token was derived. */
  readonly keyId: string
  /** What consent-ui remembers of the tokens before it, in a form of its own. */
  readonly history?: string
  /** When two parties were seen to hold its tokens, in seconds since 1970; absent where they never were. */
  readonly contestedAt?: number
}

/** A session as it was read, for whoever changes it. */
export interface StoredSession {
  readonly session: Session
  /** As it was read: a change counts only while it still stands there. */
  readonly record: string
  /** What renews its credential, sealed; absent where nothing does. */
  readonly sealedRenewal?: string
}

/** What became of a change to a session. */
export type Replacement =
  | 'replaced'
  /** Somebody else has changed it since it was read. */
  | 'changed'
  /** It has ended. */
  | 'gone'

/** What became of the exchange of a refresh token. */
export type Rotation =
  /** It was the current one; its successor is current now. */
  | 'rotated'
  /** It is not the current one, or not any more. */
  | 'changed'
  /** The session has ended. */
  | 'gone'

/** Sessions in Redis; see storage.md. Every method throws where the store cannot answer. */
export class SessionStore {
  readonly #redis: Store

  constructor(redis: Store) {
    this.#redis = redis
  }

  /** The session, or undefined when it has ended or never was. */
  async find(id: string): Promise<Session | undefined> {
    const [record, ...beside] = await this.#redis.hmget(sessionKey(id), 'record', ...BESIDE_THE_RECORD)
    return typeof record === 'string' ? sessionOf(record, beside) : undefined
  }

  /** The session with what renews it, which authz never reads; undefined as in {@link find}. */
  async findWhole(id: string): Promise<StoredSession | undefined> {
    const fields = ['record', 'renewal', ...BESIDE_THE_RECORD]
    const [record, sealedRenewal, ...beside] = await this.#redis.hmget(sessionKey(id), ...fields)
    if (typeof record !== 'string') return undefined
    return {
      session: sessionOf(record, beside),
      record,
      ...(typeof sealedRenewal === 'string' ? { sealedRenewal } : {}),
    }
  }

  /** Which part of the store has a session: of a cluster, one master may fail while others answer. */
  nodeOf(id: string): string {
    return masterOf(this.#redis, sessionKey(id)) ?? ''
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
   * @param opened - the session, its first refresh token, how long it may be idle, and what renews it, sealed
   * @returns false when the code was used by somebody else in between; nothing is changed then
   */
  async openSession(
    code: { hash: string; record: string; usedMarker: string; usedSeconds: number },
    opened: { session: Session; refresh: RefreshState; idleSeconds: number; sealedRenewal?: string },
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
      opened.sealedRenewal ?? '',
      refresh.history ?? '',
    )
    return result === 1
  }

  /** The current refresh token of a session; undefined when it has ended or never was. */
  async findRefresh(id: string): Promise<RefreshState | undefined> {
    const fields = ['refresh', 'generation', 'key', 'history', 'contested_at']
    const [hash, generation, keyId, history, contestedAt] = await this.#redis.hmget(sessionKey(id), ...fields)
    if (typeof hash !== 'string') return undefined
    return {
      hash,
      generation: Number(generation),
      keyId: keyId ?? '',
      history: history ?? '',
      ...(typeof contestedAt === 'string' ? { contestedAt: Number(contestedAt) } : {}),
    }
  }

  /**
   * Exchanges the current refresh token for its successor, in one step.
   *
   * @param presented - hash of the token that the client showed
   * @param successor - the token that follows it, and how long the session may now be idle
   */
  async rotate(
    presented: { sessionId: string; hash: string },
    { refresh, idleSeconds }: { refresh: RefreshState; idleSeconds: number },
  ): Promise<Rotation> {
    return (await this.#redis.eval(
      ROTATE_REFRESH_TOKEN,
      1,
      sessionKey(presented.sessionId),
      presented.hash,
      refresh.hash,
      refresh.generation,
      refresh.keyId,
      refresh.history ?? '',
      idleSeconds,
    )) as Rotation
  }

  /**
   * Gives a session another credential and tells every authz process, in one step.
   *
   * @param stored - as it was read
   * @param renewed - what it is now, checked at `checkedAt` (seconds), and what renews it from here on, sealed
   * @param change - names this change, as in {@link end}
   */
  async replace(
    { session: { id }, record }: StoredSession,
    renewed: { session: Session; checkedAt: number; sealedRenewal?: string },
    change: string,
  ): Promise<Replacement> {
    return (await this.#redis.eval(
      REPLACE_SESSION,
      1,
      sessionKey(id),
      record,
      JSON.stringify(renewed.session),
      renewed.checkedAt,
      renewed.sealedRenewal ?? '',
      SESSION_CHANGES,
      JSON.stringify({ session: id, change }),
    )) as Replacement
  }

  /** Keeps what renews a session from here on, sealed; undefined, and nothing does any more. */
  async keepRenewal(
    { session: { id }, record, sealedRenewal: before }: StoredSession,
    sealedRenewal: string | undefined,
  ): Promise<void> {
    const now = sealedRenewal ?? ''
    await this.#redis.eval(KEEP_RENEWAL, 1, sessionKey(id), record, now, before ?? '')
  }

  /** The Registry said at `checkedAt` (seconds) that the person may use the credential. */
  async markChecked(id: string, checkedAt: number): Promise<void> {
    await this.#redis.eval(MARK_CHECKED, 1, sessionKey(id), checkedAt)
  }

  /** Two parties were seen to hold the session's tokens at `contestedAt` (seconds); the first time counts. */
  async markContested(id: string, contestedAt: number): Promise<void> {
    await this.#redis.eval(MARK_CONTESTED, 1, sessionKey(id), contestedAt)
  }

  /**
   * Lets one process alone renew a session, until it releases it, or for `milliseconds`.
   *
   * @param owner - a secret of whoever asks
   * @returns false when another one has it
   */
  async claimRenewal(id: string, owner: string, milliseconds: number): Promise<boolean> {
    return (await this.#redis.set(claimKey(id), owner, 'PX', milliseconds, 'NX')) === 'OK'
  }

  /** Undoes {@link claimRenewal}; another one's claim stays. */
  async releaseRenewal(id: string, owner: string): Promise<void> {
    await this.#redis.eval(DELETE_IF_EQUAL, 1, claimKey(id), owner)
  }

  /**
   * Ends a session and tells every authz process, in one step; then waits for a replica, where there is one.
   *
   * @param change - names this change, for the acknowledgements of the authz processes
   */
  async end(id: string, change: string): Promise<Replication> {
    return (await this.#change(END_SESSION, id, change)).replication
  }

  /**
   * From here on a session may only read, whatever it was granted; nothing undoes it. Tells every authz process and
   * waits as {@link end}.
   *
   * @returns `gone` for a session that has ended
   */
  async narrow(id: string, change: string): Promise<Replication | 'gone'> {
    const { result, replication } = await this.#change(DOWNGRADE_SESSION, id, change)
    return result === 1 ? replication : 'gone'
  }

  async #change(script: string, id: string, change: string) {
    const args = [SESSION_CHANGES, JSON.stringify({ session: id, change })]
    return await evalReplicated(this.#redis, script, { key: sessionKey(id), args })
  }
}

/** What changes while the record stays as it was read. */
const BESIDE_THE_RECORD = ['checked_at', 'narrowed_to'] as const

function sessionOf(record: string, [checkedAt, narrowedTo]: readonly (string | null)[]): Session {
  return {
    ...(JSON.parse(record) as Session),
    ...(typeof checkedAt === 'string' ? { checkedAt: Number(checkedAt) } : {}),
    ...(narrowedTo === 'read' ? { narrowedTo } : {}),
  }
}

/** The braces make the keys of one session share a slot of a Redis cluster. */
function sessionKey(id: string): string {
  return `connect:{${id}}:session`
}

function claimKey(id: string): string {
  return `connect:{${id}}:renewing`
}

function codeKey(sessionId: string, codeHash: string): string {
  return `connect:{${sessionId}}:code:${codeHash}`
}
