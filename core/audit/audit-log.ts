import { randomUUID, type KeyObject } from 'node:crypto'
import { setImmediate, setTimeout } from 'node:timers/promises'
import { describeError } from '../log/describe-error.ts'
import type { Log } from '../log/log.ts'
import type { Audit, AuditEntry, AuditName } from './audit-entry.ts'
import { eventOf } from './audit-event.ts'
import type { AuditBacklog } from './audit-metrics.ts'
import { chainKey, writeLine } from './chain.ts'
import type { AuditSettings } from './audit-settings.ts'
import type { AuditTarget, AuditWriter } from './audit-target.ts'
import { HttpWriter } from './http-writer.ts'
import { LineWriter } from './line-writer.ts'
import { SyslogWriter } from './syslog-writer.ts'

/** In memory; about 10 MB. */
const MAX_QUEUED = 10_000
/** With AUDIT_REQUIRED, kept for the events of requests that were let in before. */
const RESERVED = 1000
/** Formatting more at once would delay requests. */
const MAX_BATCH = 200
const CHECKPOINT_LINES = 1000
const CHECKPOINT_MS = 60_000
const RETRY_MS = 1000
/** A collector that is down is asked less often each time; a disk is tried each second. */
const MAX_REMOTE_RETRY_MS = 15_000
const STOPPING_RETRY_MS = 200
/** Lines with which a check may begin. */
const ANCHORS: ReadonlySet<AuditName> = new Set(['AuditBegan', 'AuditCheckpoint', 'AuditEnded'])
/** For the last lines, after SIGTERM. */
const MAX_STOP_MS = 2000

export interface AuditLogOptions {
  readonly settings: Exclude<AuditSettings, 'off'>
  /** `authz` or `consent-ui`. */
  readonly part: string
  readonly log: Log
  readonly nowMs: () => number
  readonly writer?: AuditWriter
  readonly maxQueued?: number
  readonly retryMs?: number
  readonly maxStopMs?: number
}

interface Queued {
  readonly entry: AuditEntry
  readonly timeMs: number
}

/** The chain of audit lines of this process. Its queue is bounded; what did not fit is counted in an event. */
export class AuditLog implements Audit {
  readonly #options: AuditLogOptions
  readonly #key: KeyObject
  readonly #writer: AuditWriter
  readonly #maxQueued: number
  readonly #process = randomUUID()
  readonly #queue: Queued[] = []
  /** Not reported by an event yet. */
  #lost = 0
  #lostInAll = 0
  #lines = 0
  #previous = ''
  /** How many lines there were at the last anchor. */
  #checkpointLine = 0
  #loggedLine = 1
  #writing: Promise<void> | undefined
  #isFailing = false
  #hasBegun = false
  /** Lines that are being written. */
  #pending = 0
  readonly #stopping = new AbortController()

  constructor(options: AuditLogOptions) {
    const { settings, maxQueued = MAX_QUEUED } = options
    this.#options = options
    this.#key = chainKey(settings.keys, settings.keys.current)
    this.#writer = options.writer ?? writerFor(settings.target)
    this.#maxQueued = maxQueued
  }

  /**
   * Writes the first line. A collector that is down does not stop the start: the service starts, and tries again.
   *
   * @throws as node:fs, so that a wrong path stops the start
   */
  async begin(): Promise<void> {
    const { target } = this.#options.settings
    const line = this.#format({ name: 'AuditBegan' })
    setInterval(() => this.#checkpointIfDue(), CHECKPOINT_MS).unref()
    if (this.#writer.isRemote) {
      this.#writing = this.#writeSurely([line]).then(() => this.#writeAll())
      return
    }
    // A process that crashed may have left half a line in the file.
    await this.#writer.write(target === 'stdout' ? [line] : ['', line])
    this.#hasBegun = true
  }

  get hasRoom(): boolean {
    if (!this.#options.settings.isRequired) return true
    const isAvailable = this.#writer.isRemote ? this.#hasBegun : !this.#isFailing
    return isAvailable && this.#queue.length < this.#maxQueued - Math.min(RESERVED, this.#maxQueued / 2)
  }

  record(entry: AuditEntry): void {
    if (this.#queue.length < this.#maxQueued) {
      this.#enqueue(entry)
      return
    }
    this.#lost += 1
    this.#lostInAll += 1
  }

  get backlog(): AuditBacklog {
    return { lost: this.#lostInAll, waiting: this.#queue.length + this.#pending }
  }

  /** Waits until every line is written. @returns false if some are still waiting after `maxMs` */
  async flush(maxMs: number): Promise<boolean> {
    const timeout = new AbortController()
    await Promise.race([this.#writing, setTimeout(maxMs, undefined, { signal: timeout.signal })])
    timeout.abort()
    return this.#writing === undefined
  }

  /** Writes what is queued, and the last line. */
  async stop(): Promise<void> {
    const { log, maxStopMs = MAX_STOP_MS } = this.#options
    this.#stopping.abort()
    const finished = this.#finish()
    await Promise.race([finished, setTimeout(maxStopMs, undefined, { ref: false })])
    const left = this.#queue.length + this.#pending + this.#lost
    if (left > 0) log.error({ events: left }, 'audit: events lost at the stop')
  }

  async #finish(): Promise<void> {
    await this.#writing
    await this.#writeSurely([this.#format({ name: 'AuditEnded' })])
    await this.#writer.close()
  }

  #enqueue(entry: AuditEntry): void {
    this.#queue.push({ entry, timeMs: this.#options.nowMs() })
    this.#writing ??= this.#writeAll()
  }

  async #writeAll(): Promise<void> {
    // Events of one moment are written together.
    await setImmediate()
    while (this.#queue.length > 0) {
      const batch = this.#queue.splice(0, MAX_BATCH)
      this.#reportLost()
      const lines = batch.map(({ entry, timeMs }) => this.#format(entry, { timeMs }))
      const isDue = this.#lines - this.#checkpointLine >= CHECKPOINT_LINES
      if (isDue) lines.push(this.#format({ name: 'AuditCheckpoint' }))
      await this.#writeSurely(lines)
    }
    this.#writing = undefined
  }

  #reportLost(): void {
    if (this.#lost === 0) return
    const details = { events: this.#lost }
    this.#lost = 0
    this.#queue.push({ entry: { name: 'AuditEventsLost', details }, timeMs: this.#options.nowMs() })
  }

  async #writeSurely(lines: readonly string[]): Promise<void> {
    const { log, retryMs = RETRY_MS } = this.#options
    this.#pending = lines.length
    for (let attempt = 0; ; attempt += 1) {
      try {
        await this.#writer.write(lines)
        if (this.#isFailing) log.info('audit: lines can be written again')
        this.#isFailing = false
        this.#hasBegun = true
        this.#pending = 0
        this.#logCheckpoint()
        return
      } catch (error) {
        if (!this.#isFailing) log.error({ reason: describeError(error) }, 'audit: lines cannot be written')
        this.#isFailing = true
        const maxRetryMs = this.#writer.isRemote ? MAX_REMOTE_RETRY_MS : retryMs
        await this.#pause(Math.min(retryMs * 2 ** attempt, maxRetryMs))
      }
    }
  }

  /** At the stop there is no time for a long one. */
  async #pause(pauseMs: number): Promise<void> {
    const { signal } = this.#stopping
    if (signal.aborted) await setTimeout(Math.min(pauseMs, STOPPING_RETRY_MS), undefined, { ref: false })
    else await setTimeout(pauseMs, undefined, { ref: false, signal }).catch(() => undefined)
  }

  /** After a quiet time. Under load, #writeAll counts lines. */
  #checkpointIfDue(): void {
    if (this.#lines === this.#checkpointLine || this.#queue.length >= this.#maxQueued) return
    this.#enqueue({ name: 'AuditCheckpoint' })
  }

  #format(entry: AuditEntry, { timeMs = this.#options.nowMs() }: { readonly timeMs?: number } = {}): string {
    const { part, settings } = this.#options
    const isAnchor = ANCHORS.has(entry.name)
    const anchor = { part, key: settings.keys.current.id, previous: this.#previous }
    const place = { process: this.#process, line: this.#lines, ...(isAnchor ? { anchor } : {}) }
    const { text, mac } = writeLine(this.#key, this.#previous, {
      event: eventOf(entry, { part, timeMs }),
      place,
    })
    this.#previous = mac
    this.#lines += 1
    if (isAnchor) this.#checkpointLine = this.#lines
    return text
  }

  /** In the other log too, so that a cut file does not agree with it. */
  #logCheckpoint(): void {
    if (this.#loggedLine === this.#checkpointLine) return
    this.#loggedLine = this.#checkpointLine
    this.#options.log.info({ process: this.#process, lines: this.#checkpointLine }, 'audit: checkpoint')
  }
}

function writerFor(target: AuditTarget): AuditWriter {
  if (target === 'stdout' || 'path' in target) return new LineWriter(target)
  return 'syslog' in target ? new SyslogWriter(target.syslog) : new HttpWriter(target)
}
