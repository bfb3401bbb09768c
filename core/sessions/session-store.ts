import type { Rollbacks } from '../store/rollback-guard.ts'
import { readRecord, writeRecord } from '../store/record.ts'
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
  WRITE_SESSION,
} from './session-scripts.ts'
import type { Session } from './session.ts'
import { masterOf } from '../store/store-masters.ts'

/** A session's current refresh token; Redis contains only its hash. */
export interface RefreshState {
  readonly hash: string
  readonly generation: number
  /** Id of the sealing key from which the current token was derived. */
  readonly keyId: string
  /** Earlier tokens, in consent-ui's own format. */
  readonly history?: string
  /** When two parties were seen with its tokens, in seconds since 1970. */
  readonly contestedAt?: number
}

/** A session as it was read, for a later change. */
export interface StoredSession {
  readonly session: Session
  /** The JSON as it was read: changes apply only while it is the same. */
  readonly record: string
  readonly sealedRenewal?: string
}

export type Replacement =
  | 'replaced'
  /** Another request has changed it since it was read. */
  | 'changed'
  /** The session has ended. */
  | 'gone'

export type Rotation =
  | 'rotated'
  /** It is not the current one. */
  | 'changed'
  /** The session has ended. */
  | 'gone'

/** For callers that only end sessions. */
const UNCHECKED: Rollbacks = { endedUntil: 0, requireChecked: () => Promise.resolve() }

/** Every method throws when Redis cannot answer. */
export class SessionStore {
  readonly #redis: Store
  readonly #rollbacks: Rollbacks

  constructor(redis: Store, rollbacks = UNCHECKED) {
    this.#redis = redis
    this.#rollbacks = rollbacks
  }

  async find(id: string): Promise<Session | undefined> {
    const [record, ...beside] = await this.#redis.hmget(sessionKey(id), 'record', ...BESIDE_THE_RECORD)
    if (typeof record !== 'string') return undefined
    const session = sessionOf(record, beside)
    return (await this.isRolledBack(id, session.createdAt)) ? undefined : session
  }

  /** True if Redis was rolled back after `since` (seconds): the session of this id may have been ended since. */
  async isRolledBack(id: string, since: number): Promise<boolean> {
    // After the read, which may have been answered by another server than before.
    await this.#rollbacks.requireChecked(sessionKey(id))
    const { endedUntil } = this.#rollbacks
    // Written so that NaN counts as before.
    return endedUntil > 0 && !(since > endedUntil)
  }

  /** With its renewal, which authz never reads. */
  async findWhole(id: string): Promise<StoredSession | undefined> {
    const fields = ['record', 'renewal', ...BESIDE_THE_RECORD]
    const [record, sealedRenewal, ...beside] = await this.#redis.hmget(sessionKey(id), ...fields)
    if (typeof record !== 'string') return undefined
    const session = sessionOf(record, beside)
    if (await this.isRolledBack(id, session.createdAt)) return undefined
    return {
      session,
      record,
      ...(typeof sealedRenewal === 'string' ? { sealedRenewal } : {}),
    }
  }

  /** Names the master with a session: in a cluster, one may fail while others answer. */
  nodeOf(id: string): string {
    return masterOf(this.#redis, sessionKey(id)) ?? ''
  }

  async issueCode(
    sessionId: string,
    codeHash: string,
    entry: { record: string; seconds: number },
  ): Promise<void> {
    await this.#redis.set(codeKey(sessionId, codeHash), entry.record, 'EX', entry.seconds)
  }

  async findCode(sessionId: string, codeHash: string): Promise<string | undefined> {
    return (await this.#redis.get(codeKey(sessionId, codeHash))) ?? undefined
  }

  /**
   * @param code - its hash, the record as it was read, and the marker with its lifetime
   * @param opened - the session, its first refresh token, its idle limit, and what renews it, sealed
   * @returns false, and changes nothing, when the code was used meanwhile
   */
  async openSession(
    code: { hash: string; record: string; usedMarker: string; usedSeconds: number },
    opened: {
      session: Session
      refresh: RefreshState
      idleSeconds: number
      sealedRenewal?: string
      openedFrom?: string
    },
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
      writeRecord(session),
      refresh.hash,
      refresh.generation,
      refresh.keyId,
      opened.idleSeconds,
      opened.sealedRenewal ?? '',
      refresh.history ?? '',
      opened.openedFrom ?? '',
    )
    return result === 1
  }

  /** Opens a session without a code and without a refresh token, for at most `seconds`. */
  async openWithoutCode(session: Session, seconds: number): Promise<void> {
    await this.#redis.eval(WRITE_SESSION, 1, sessionKey(session.id), writeRecord(session), seconds)
  }

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
   * @param presented - the hash of the client's token
   * @param successor - the next token, and the session's new idle limit
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
   * @param stored - as it was read
   * @param renewed - the new session, checked at `checkedAt` (seconds), and what renews it next, sealed
   * @param change - as in {@link end}
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
      writeRecord(renewed.session),
      renewed.checkedAt,
      renewed.sealedRenewal ?? '',
      SESSION_CHANGES,
      JSON.stringify({ session: id, change }),
    )) as Replacement
  }

  /** Replaces a session's sealed renewal; undefined removes it. */
  async keepRenewal(
    { session: { id }, record, sealedRenewal: before }: StoredSession,
    sealedRenewal: string | undefined,
  ): Promise<void> {
    const now = sealedRenewal ?? ''
    await this.#redis.eval(KEEP_RENEWAL, 1, sessionKey(id), record, now, before ?? '')
  }

  /** Notes that the Registry accepted the credential at `checkedAt` (seconds). */
  async markChecked(id: string, checkedAt: number): Promise<void> {
    await this.#redis.eval(MARK_CHECKED, 1, sessionKey(id), checkedAt)
  }

  /** Notes that two parties had the session's tokens at `contestedAt` (seconds); the first time counts. */
  async markContested(id: string, contestedAt: number): Promise<void> {
    await this.#redis.eval(MARK_CONTESTED, 1, sessionKey(id), contestedAt)
  }

  /**
   * @param owner - a random value of this claim
   * @returns false when another claim exists
   */
  async claimRenewal(id: string, owner: string, milliseconds: number): Promise<boolean> {
    return (await this.#redis.set(claimKey(id), owner, 'PX', milliseconds, 'NX')) === 'OK'
  }

  async releaseRenewal(id: string, owner: string): Promise<void> {
    await this.#redis.eval(DELETE_IF_EQUAL, 1, claimKey(id), owner)
  }

  /** Then waits for a replica, if there is one. `change` names the change in the acknowledgements. */
  async end(id: string, change: string): Promise<Replication> {
    return (await this.#change(END_SESSION, id, change)).replication
  }

  /** Downgrades a session to read-only, for good. Publishes the change and waits as {@link end}. */
  async downgrade(id: string, change: string): Promise<Replication | 'gone'> {
    const { result, replication } = await this.#change(DOWNGRADE_SESSION, id, change)
    return result === 1 ? replication : 'gone'
  }

  async #change(script: string, id: string, change: string) {
    const args = [SESSION_CHANGES, JSON.stringify({ session: id, change })]
    return await evalReplicated(this.#redis, script, { key: sessionKey(id), args })
  }
}

/** Fields beside the record, which change without it. */
const BESIDE_THE_RECORD = ['checked_at', 'narrowed_to'] as const

function sessionOf(record: string, [checkedAt, narrowedTo]: readonly (string | null)[]): Session {
  return {
    ...(readRecord(record) as Session),
    ...(typeof checkedAt === 'string' ? { checkedAt: Number(checkedAt) } : {}),
    ...(narrowedTo === 'read' ? { narrowedTo } : {}),
  }
}

/** A hash tag: all keys of a session are in one slot of a Redis cluster. */
export function sessionKey(id: string): string {
  return `connect:{${id}}:session`
}

function claimKey(id: string): string {
  return `connect:{${id}}:renewing`
}

function codeKey(sessionId: string, codeHash: string): string {
  return `connect:{${sessionId}}:code:${codeHash}`
}
