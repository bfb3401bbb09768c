import { LRUCache } from 'lru-cache'
import type { Session, SessionFacts } from '../../core/sessions/session.ts'
import { CachedSession } from './cached-session.ts'
import type { Caller } from '../limits/caller.ts'
import { CircuitBreaker } from './circuit-breaker.ts'
import { UnreadableRecordError } from '../../core/store/record.ts'
import { InternedStrings } from '../limits/interned-strings.ts'
import { TimeoutError, withTimeout } from '../limits/with-timeout.ts'

/** Envoy waits 500 ms (envoy.yaml): authz answers before Envoy gives up. */
const LOAD_TIMEOUT_MS = 300
/** A session that changes during each read is given up. */
const MAX_LOADS = 3

/** Redis did not answer, or its record is unreadable. The message contains no secret. */
export class StoreUnavailableError extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'StoreUnavailableError'
  }
}

export interface SessionSource {
  /** @throws Error when Redis cannot answer */
  find(id: string): Promise<Session | undefined>
  /** Names the Redis node with the session: nodes fail one by one. */
  nodeOf(id: string): string
}

/** What answered a lookup; `grace` is a cached session after a read had failed. */
export type LookupSource = 'memory' | 'running_load' | 'store' | 'grace'

export type LoadOutcome = 'found' | 'absent' | 'timeout' | 'failed'

/** Filled by `find`, for the log of a refusal. */
export interface SessionLookup {
  session?: SessionFacts | undefined
  source?: LookupSource
}

/** Told about each lookup, each read of Redis, and each circuit breaker that opens. */
export interface SessionCacheObserver {
  lookedUp(source: LookupSource): void
  loaded(outcome: LoadOutcome, milliseconds: number): void
  circuitOpened(): void
}

interface ChangeSubscription {
  readonly isLive: boolean
  /** Milliseconds for which changes may be missing; Infinity before the first heartbeat. */
  readonly lagMs: number
}

/** Max size of the cache; the sessions unused for the longest time are evicted. */
export interface SessionLimits {
  readonly sessions: number
  readonly bytes: number
}

export interface SessionCacheOptions {
  readonly store: SessionSource
  readonly changes: ChangeSubscription
  /** Max subscription lag with which cached sessions are served while Redis fails; 0 for never. */
  readonly graceMs: number
  readonly elapsedMs: () => number
  readonly limits: SessionLimits
  readonly observer?: SessionCacheObserver | undefined
}

interface Load {
  result: Promise<CachedSession | undefined>
  readonly callers: Caller[]
  readonly shared: boolean
  /** The session changed meanwhile: the result may be stale. */
  discarded: boolean
}

/**
 * In-memory session cache. While the subscription to changes is live, it serves from memory. Otherwise each request
 * reads Redis; if Redis fails, cached sessions are served for `graceMs`. A revoked session is never served after its
 * change arrived or a read has missed it.
 */
export class SessionCache {
  readonly #options: SessionCacheOptions
  readonly #cached: LRUCache<string, CachedSession>
  readonly #loads = new Map<string, Set<Load>>()
  readonly #breaker: CircuitBreaker
  readonly #strings = new InternedStrings()

  constructor(options: SessionCacheOptions) {
    const { limits } = options
    this.#options = options
    this.#cached = new LRUCache({
      max: limits.sessions,
      maxSize: limits.bytes,
      sizeCalculation: ({ bytes }) => bytes,
    })
    this.#breaker = new CircuitBreaker(options.elapsedMs)
  }

  get size(): number {
    return this.#cached.size
  }

  get bytes(): number {
    return this.#cached.calculatedSize
  }

  get openCircuits(): number {
    return this.#breaker.openCount
  }

  /** @throws StoreUnavailableError */
  async find(id: string, caller: Caller, lookup: SessionLookup = {}): Promise<CachedSession | undefined> {
    for (let loads = 0; loads < MAX_LOADS; loads += 1) {
      const { isLive } = this.#options.changes
      const cached = isLive ? this.#cached.get(id) : undefined
      if (cached !== undefined) {
        this.#note(lookup, 'memory')
        lookup.session = cached.session
        return cached
      }
      const load = this.#loadOf(id, isLive, lookup)
      load.callers.push(caller)
      const loaded = await load.result.catch((error: unknown) => this.#serveInGrace(id, error, lookup))
      lookup.session = loaded?.session
      // A subscription that was lost during the load may have missed a change.
      const mayBeStale = isLive && !this.#options.changes.isLive
      if (!load.discarded && !mayBeStale) return loaded
    }
    throw new StoreUnavailableError(`the session changed during each of ${MAX_LOADS} reads`)
  }

  forget(id: string): void {
    this.#cached.delete(id)
    for (const load of this.#loads.get(id) ?? []) load.discarded = true
    this.#loads.delete(id)
  }

  /** Forgets all sessions: changes may be missing. */
  forgetAll(): void {
    this.#cached.clear()
    for (const load of [...this.#loads.values()].flatMap((loads) => [...loads])) load.discarded = true
    this.#loads.clear()
    // The caller has just heard from Redis.
    this.#breaker.closeAll()
  }

  #note(lookup: SessionLookup, source: LookupSource): void {
    lookup.source = source
    this.#options.observer?.lookedUp(source)
  }

  #loadOf(id: string, isLive: boolean, lookup: SessionLookup): Load {
    const running = isLive ? this.#sharedLoad(id) : undefined
    this.#note(lookup, running === undefined ? 'store' : 'running_load')
    return running ?? this.#startLoad(id, isLive)
  }

  #sharedLoad(id: string): Load | undefined {
    return [...(this.#loads.get(id) ?? [])].find(({ shared }) => shared)
  }

  #startLoad(id: string, shared: boolean): Load {
    const load: Load = { result: this.#load(id), callers: [], shared, discarded: false }
    load.result = load.result
      .then((found) => this.#keep(id, load, found))
      .finally(() => this.#endLoad(id, load))
    const loads = this.#loads.get(id) ?? new Set()
    this.#loads.set(id, loads.add(load))
    return load
  }

  #endLoad(id: string, load: Load): void {
    const loads = this.#loads.get(id)
    if (loads?.delete(load) === true && loads.size === 0) this.#loads.delete(id)
  }

  #keep(id: string, load: Load, found: CachedSession | undefined): CachedSession | undefined {
    if (load.discarded) return found
    const known = this.#cached.get(id)
    if (found === undefined) {
      this.#cached.delete(id)
    } else if (known?.isSameAs(found) === true) {
      return known
    } else if (load.callers.some(({ isGone }) => !isGone)) {
      this.#cached.set(id, found)
    } else {
      this.#cached.delete(id)
    }
    return found
  }

  async #load(id: string): Promise<CachedSession | undefined> {
    const session = await this.#read(id)
    if (session === undefined) return undefined
    // Uses the caller's string, which the token and the key hold anyway.
    return new CachedSession(session.id === id ? { ...session, id } : session, this.#strings)
  }

  async #read(id: string): Promise<Session | undefined> {
    const { store, elapsedMs, observer } = this.#options
    const node = store.nodeOf(id)
    if (!this.#breaker.admit(node)) throw new StoreUnavailableError('redis: the circuit breaker is open')
    const begunMs = elapsedMs()
    const report = (outcome: LoadOutcome): void => observer?.loaded(outcome, elapsedMs() - begunMs)
    try {
      const session = await withTimeout(LOAD_TIMEOUT_MS, store.find(id))
      this.#breaker.close(node)
      report(session === undefined ? 'absent' : 'found')
      return session
    } catch (error) {
      report(error instanceof TimeoutError ? 'timeout' : 'failed')
      if (error instanceof TimeoutError && this.#breaker.open(node)) observer?.circuitOpened()
      // Redis answered: a cached copy is older than the record.
      if (error instanceof UnreadableRecordError) this.#cached.delete(id)
      throw new StoreUnavailableError(reasonOf(error))
    }
  }

  /** Serves a cached session while Redis fails, if the subscription was live until recently. */
  #serveInGrace(id: string, error: unknown, lookup: SessionLookup): CachedSession {
    const { changes, graceMs } = this.#options
    const isInGrace = error instanceof StoreUnavailableError && changes.lagMs < graceMs
    const cached = isInGrace ? this.#cached.get(id) : undefined
    if (cached === undefined) throw error
    this.#note(lookup, 'grace')
    return cached
  }
}

/** Hides a parser's message, which would quote the record. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError || !(error instanceof Error)) return 'the record is unreadable'
  return error.message
}
