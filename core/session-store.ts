import type { Store } from './redis.ts'
import { SESSION_CHANGES } from './session-changes.ts'
import {
  DELETE_IF_EQUAL,
  END_SESSION,
  KEEP_RENEWAL,
  MARK_CHECKED,
  OPEN_SESSION,
  REPLACE_SESSION,
  ROTATE_REFRESH_TOKEN,
} from './session-scripts.ts'
import type { Session } from './session.ts'
import { masterOf } from './store-masters.ts'

/** The current refresh token of a session as the store knows it: hashes only. */
export interface RefreshState {
  readonly hash: string
  readonly generation: number
  /** Of the sealing key from which the current token was derived. */
  readonly keyId: string
  /** What consent-ui remembers of the tokens before it, in a form of its own. */
  readonly history?: string
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

/** What is known of copies of the store once a session has ended. */
export type Replication =
  /** A replica has it too: should it take over, the session stays ended. */
  | 'replicated'
  /** No replica said so in time: should one take over now, the session may be back. */
  | 'not_replicated'
  /** There is no replica. */
  | 'no_replica'

/** A replica that follows answers within a millisecond or two; other commands of the connection wait meanwhile. */
const REPLICA_WAIT_MS = 200

/** Sessions in Redis; see storage.md. Every method throws where the store cannot answer. */
export class SessionStore {
  readonly #redis: Store

  constructor(redis: Store) {
    this.#redis = redis
  }

  /** The session, or undefined when it has ended or never was. */
  async find(id: string): Promise<Session | undefined> {
    const [record, checkedAt] = await this.#redis.hmget(sessionKey(id), 'record', 'checked_at')
    return typeof record === 'string' ? sessionOf(record, checkedAt) : undefined
  }

  /** The session with what renews it, which authz never reads; undefined as in {@link find}. */
  async findWhole(id: string): Promise<StoredSession | undefined> {
    const fields = ['record', 'checked_at', 'renewal']
    const [record, checkedAt, sealedRenewal] = await this.#redis.hmget(sessionKey(id), ...fields)
    if (typeof record !== 'string') return undefined
    return {
      session: sessionOf(record, checkedAt),
      record,
      ...(typeof sealedRenewal === 'string' ? { sealedRenewal } : {}),
    }
  }

  /** Which part of the store has a session: of a cluster, one master may fail while others answer. */
  partOf(id: string): string {
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
    const fields = ['refresh', 'generation', 'key', 'history']
    const [hash, generation, keyId, history] = await this.#redis.hmget(sessionKey(id), ...fields)
    if (typeof hash !== 'string') return undefined
    return { hash, generation: Number(generation), keyId: keyId ?? '', history: history ?? '' }
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
   * Ends a session and tells every authz process, in one step; then waits for a replica, where there is one, for
   * {@link REPLICA_WAIT_MS} at most.
   *
   * @param change - names this change, for the acknowledgements of the authz processes
   */
  async end(id: string, change: string): Promise<Replication> {
    const key = sessionKey(id)
    const end = [END_SESSION, 1, key, SESSION_CHANGES, JSON.stringify({ session: id, change })] as const
    if (!(await this.#mayHaveReplica(key))) {
      await this.#redis.eval(...end)
      return 'no_replica'
    }
    // WAIT is about what its own connection has written, so both go the same way: a pipeline stays at the node
    // that its first key leads to.
    const pipeline = this.#redis.pipeline().eval(...end)
    const [ended, replicas] = (await pipeline.wait(1, REPLICA_WAIT_MS).exec()) ?? []
    if (!isElsewhere(ended)) return Number(replicas?.[1]) > 0 ? 'replicated' : 'not_replicated'
    await this.#redis.eval(...end)
    return 'not_replicated'
  }

  /** False where the master of a key says that nobody follows it. */
  async #mayHaveReplica(key: string): Promise<boolean> {
    const [exists, info] = (await this.#redis.pipeline().exists(key).info('replication').exec()) ?? []
    return isElsewhere(exists) || !/^connected_slaves:0\r?$/m.test(String(info?.[1]))
  }
}

/**
 * Whether a command of a pipeline was sent to a node that no longer has its key: a pipeline does not follow, as
 * a command by itself does.
 *
 * @throws what else became of it
 */
function isElsewhere([error]: [Error | null, unknown?] = [null]): boolean {
  if (error === null) return false
  if (/^(MOVED|ASK) /.test(error.message)) return true
  throw error
}

/** The last check stands beside the record, which a check leaves as it was read. */
function sessionOf(record: string, checkedAt: string | null | undefined): Session {
  const session = JSON.parse(record) as Session
  return typeof checkedAt === 'string' ? { ...session, checkedAt: Number(checkedAt) } : session
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
