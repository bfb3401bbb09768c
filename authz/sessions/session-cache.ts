import type { Session } from '../../core/sessions/session.ts'
import type { Caller } from '../stages/caller.ts'
import { HeldSession } from './held-session.ts'
import { HungParts } from './circuit-breaker.ts'
import { LruMap } from '../limits/lru-map.ts'
import { SharedTexts } from '../limits/interned-strings.ts'
import { TooSlowError, within } from '../limits/with-timeout.ts'

/** Less than Envoy waits for us (envoy.yaml, 500 ms), so that the caller gets our answer and not Envoy's. */
const LOAD_TIMEOUT_MS = 300
/** A session that changes faster than it can be read is given up on. */
const MOST_LOADS = 3

/** The store has not answered, or not with a session. */
export class StoreUnavailableError extends Error {
  constructor(reason: string) {
    super(reason)
    this.name = 'StoreUnavailableError'
  }
}

/** Where sessions come from. */
export interface SessionSource {
  /** Undefined when the session has ended or never was; throws where the store cannot answer. */
  find(id: string): Promise<Session | undefined>
  /** Which part of the store has the session: parts fail one by one. */
  partOf(id: string): string
}

/** What tells of changes. */
interface ChangeChannel {
  /** Whether a change made now would be heard of. */
  readonly hearing: boolean
  /** For how long changes may have gone unheard; Infinity where none was ever heard. */
  readonly silentMs: number
}

/** How much of memory sessions may take: both bounds hold, and what was not used for longest goes first. */
export interface SessionBounds {
  readonly sessions: number
  /** All of them together. */
  readonly bytes: number
}

export interface CacheParts {
  readonly store: SessionSource
  readonly changes: ChangeChannel
  /** For so long after the last beat, sessions in memory pass where the store cannot be read; 0 for never. */
  readonly graceMs: number
  /** Milliseconds that never go backwards, as `performance.now()`. */
  readonly elapsedMs: () => number
  readonly bounds: SessionBounds
}

/** One read of the store. */
interface Load {
  result: Promise<HeldSession | undefined>
  readonly callers: Caller[]
  /** Whether others may wait for it, instead of reading again. */
  readonly shared: boolean
  /** The session changed meanwhile: what was read may be from before. */
  discarded: boolean
}

/**
 * Sessions in memory, served from there while every change is heard of; while not, each request reads the store,
 * and memory serves only those that cannot, for a grace. No session that has ended is handed out after the change
 * was told here, or was seen by a read.
 */
export class SessionCache {
  readonly #parts: CacheParts
  readonly #held: LruMap<HeldSession>
  readonly #loads = new Map<string, Set<Load>>()
  readonly #hung: HungParts
  readonly #texts = new SharedTexts()

  constructor(parts: CacheParts) {
    this.#parts = parts
    this.#held = new LruMap(parts.bounds.sessions, { most: parts.bounds.bytes, of: ({ bytes }) => bytes })
    this.#hung = new HungParts(parts.elapsedMs)
  }

  /**
   * The session, or undefined when it has ended or never was.
   *
   * @throws StoreUnavailableError
   */
  async find(id: string, caller: Caller): Promise<HeldSession | undefined> {
    for (let loads = 0; loads < MOST_LOADS; loads += 1) {
      const { hearing } = this.#parts.changes
      const held = hearing ? this.#held.get(id) : undefined
      if (held !== undefined) return held
      const load = (hearing ? this.#sharedLoad(id) : undefined) ?? this.#begin(id, hearing)
      load.callers.push(caller)
      const loaded = await load.result.catch((error: unknown) => this.#inGrace(id, error))
      // What was told since the channel broke is unknown: whoever waited for that long reads again.
      const unheard = hearing && !this.#parts.changes.hearing
      if (!load.discarded && !unheard) return loaded
    }
    throw new StoreUnavailableError(`the session changed during each of ${MOST_LOADS} reads`)
  }

  /** The session has changed or ended. */
  forget(id: string): void {
    this.#held.delete(id)
    for (const load of this.#loads.get(id) ?? []) load.discarded = true
    this.#loads.delete(id)
  }

  /** Changes may have gone unheard. */
  forgetAll(): void {
    this.#held.clear()
    for (const load of [...this.#loads.values()].flatMap((loads) => [...loads])) load.discarded = true
    this.#loads.clear()
    // Whoever says so hears from the store.
    this.#hung.clear()
  }

  #sharedLoad(id: string): Load | undefined {
    return [...(this.#loads.get(id) ?? [])].find(({ shared }) => shared)
  }

  #begin(id: string, shared: boolean): Load {
    const load: Load = { result: this.#readHeld(id), callers: [], shared, discarded: false }
    load.result = load.result.then((held) => this.#keep(id, load, held)).finally(() => this.#end(id, load))
    const loads = this.#loads.get(id) ?? new Set()
    this.#loads.set(id, loads.add(load))
    return load
  }

  #end(id: string, load: Load): void {
    const loads = this.#loads.get(id)
    if (loads?.delete(load) === true && loads.size === 0) this.#loads.delete(id)
  }

  /** Whoever is no longer there may have been answered by another: only what somebody waits for is remembered. */
  #keep(id: string, load: Load, found: HeldSession | undefined): HeldSession | undefined {
    if (load.discarded) return found
    const known = this.#held.get(id)
    if (found === undefined) {
      this.#held.delete(id)
    } else if (known?.isSameAs(found) === true) {
      return known
    } else if (load.callers.some((caller) => !caller.ended)) {
      this.#held.set(id, found)
    } else {
      this.#held.delete(id)
    }
    return found
  }

  async #readHeld(id: string): Promise<HeldSession | undefined> {
    const session = await this.#read(id)
    if (session === undefined) return undefined
    // The text that it was asked for by is held anyway, by the token and as the key.
    return new HeldSession(session.id === id ? { ...session, id } : session, this.#texts)
  }

  async #read(id: string): Promise<Session | undefined> {
    const part = this.#parts.store.partOf(id)
    if (!this.#hung.mayAsk(part)) throw new StoreUnavailableError('the store hangs')
    try {
      const session = await within(LOAD_TIMEOUT_MS, this.#parts.store.find(id))
      this.#hung.answered(part)
      return session
    } catch (error) {
      if (error instanceof TooSlowError) this.#hung.hangs(part)
      throw new StoreUnavailableError(reasonOf(error))
    }
  }

  /** Who was known at the last beat may pass for a while: nothing that we were told speaks against them. */
  #inGrace(id: string, error: unknown): HeldSession {
    const { silentMs } = this.#parts.changes
    const mayPass = error instanceof StoreUnavailableError && silentMs < this.#parts.graceMs
    const held = mayPass ? this.#held.get(id) : undefined
    if (held === undefined) throw error
    return held
  }
}

/** A parser's message would quote the record. */
function reasonOf(error: unknown): string {
  if (error instanceof SyntaxError || !(error instanceof Error)) return 'the record cannot be read'
  return error.message
}
