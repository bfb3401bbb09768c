import { randomUUID } from 'node:crypto'
import type { Log } from '../log/log.ts'
import type { Store } from './redis.ts'
import { markStore, marksKey, markTags, MAX_LOST_MS } from './store-marks.ts'
import { masterOf, onConnectionClosed } from './store-masters.ts'

const INTERVAL_MS = 1000

/** Whether Redis lost writes, and with them revocations. */
export interface Rollbacks {
  /** Sessions opened until then (seconds since 1970) are ended; 0 if Redis was never rolled back. */
  readonly endedUntil: number
  /** Resolves when the master of a key was compared since its connection opened. @throws Error if it cannot be */
  requireChecked(key: string): Promise<void>
}

interface RollbackGuardOptions {
  readonly store: Store
  /** Max milliseconds without any process, after which the store counts as restored; 0 for any time. */
  readonly maxGapMs: number
  readonly log: Log
  /** Runs when sessions were ended, by this process or another. */
  readonly onRollback?: () => void
}

/**
 * Notices that Redis was rolled back: a restored snapshot, a server restarted with old data, a failover to a replica
 * far behind. Revocations may be lost then, so every session opened before is ended. Each second it marks the store and
 * compares its earlier marks; after a lost connection, before the next session is served.
 */
export class RollbackGuard implements Rollbacks {
  readonly #options: RollbackGuardOptions
  readonly #name = randomUUID()
  /** By hash tag, the Redis times of this process's first and last mark. */
  readonly #marks = new Map<string, { readonly firstMs: number; readonly lastMs: number }>()
  /** Masters compared since their connection opened. */
  readonly #checked = new Set<string>()
  /** By master, how often its connection closed. */
  readonly #closed = new Map<string, number>()
  readonly #pending = new Map<string, Promise<void>>()
  /** Masters without a mark. */
  readonly #unmarked = new Set<string>()
  #timer: NodeJS.Timeout | undefined
  #endedUntil = 0
  /** Rollbacks that this process knows. */
  count = 0

  constructor(options: RollbackGuardOptions) {
    this.#options = options
    onConnectionClosed(options.store, (master) => {
      this.#closed.set(master, this.#timesClosed(master) + 1)
      this.#checked.delete(master)
      this.#pending.delete(master)
    })
  }

  get endedUntil(): number {
    return this.#endedUntil
  }

  start(intervalMs = INTERVAL_MS): void {
    this.#timer = setInterval(() => void this.#markAll(), intervalMs).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async requireChecked(key: string): Promise<void> {
    const master = this.#masterOf(key)
    if (this.#checked.has(master)) return
    await this.#check(master)
    if (!this.#checked.has(master))
      throw new Error('redis: the connection was lost while the store was compared')
  }

  async #markAll(): Promise<void> {
    const masters = new Set(markTags(this.#options.store).map((tag) => this.#masterOf(marksKey(tag))))
    const failed = (error: unknown): void =>
      this.#options.log.debug({ reason: (error as Error).message }, 'redis: store not marked')
    await Promise.all([...masters].map((master) => this.#check(master).catch(failed)))
  }

  /** Concurrent callers share one comparison. */
  async #check(master: string): Promise<void> {
    const check = this.#pending.get(master) ?? this.#mark(master)
    this.#pending.set(master, check)
    try {
      await check
    } finally {
      if (this.#pending.get(master) === check) this.#pending.delete(master)
    }
  }

  async #mark(master: string): Promise<void> {
    const closed = this.#timesClosed(master)
    const tags = markTags(this.#options.store).filter((tag) => this.#masterOf(marksKey(tag)) === master)
    if (tags.length === 0) this.#warnUnmarked(master)
    const lost = await Promise.all(tags.map((tag) => this.#markTag(tag)))
    if (this.#timesClosed(master) === closed) this.#checked.add(master)
    const lostMs = Math.max(0, ...lost)
    if (lostMs > 0) this.#report(lostMs)
  }

  /** Once for each master: its connection may close often. */
  #warnUnmarked(master: string): void {
    if (this.#unmarked.has(master)) return
    this.#unmarked.add(master)
    this.#options.log.warn({ master }, 'redis: a master without a mark; its rollback goes unnoticed')
  }

  #timesClosed(master: string): number {
    return this.#closed.get(master) ?? 0
  }

  /** @returns the milliseconds of writes that the store has lost */
  async #markTag(tag: string): Promise<number> {
    const { store, maxGapMs } = this.#options
    const own = this.#marks.get(tag) ?? { firstMs: 0, lastMs: 0 }
    const endedUntil = this.#endedUntil
    const marked = await markStore(store, tag, { ...own, name: this.#name, endedUntil, maxGapMs })
    this.#marks.set(tag, { firstMs: own.firstMs || marked.markedMs, lastMs: marked.markedMs })
    this.#endSessionsUntil(marked.endedUntil)
    return marked.lostMs
  }

  #endSessionsUntil(seconds: number): void {
    if (seconds <= this.#endedUntil) return
    // Masters that are compared one after the other differ by seconds.
    if ((seconds - this.#endedUntil) * 1000 > MAX_LOST_MS) this.count += 1
    this.#endedUntil = seconds
    this.#options.onRollback?.()
    const until = new Date(seconds * 1000).toISOString()
    this.#options.log.warn({ until }, 'redis: sessions opened before the rollback are ended')
  }

  #report(lostMs: number): void {
    this.#options.log.error(
      { alarm: 'store_rolled_back', lostSeconds: Math.round(lostMs / 1000) },
      'redis: store rolled back (restored snapshot or lost writes); every session is ended',
    )
  }

  #masterOf(key: string): string {
    return masterOf(this.#options.store, key) ?? ''
  }
}
