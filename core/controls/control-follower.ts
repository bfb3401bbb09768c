import type { Redis } from 'ioredis'
import { z } from 'zod'
import { bothBlocked, readBlockEntries, type BlockedClients } from '../clients/blocked-clients.ts'
import { parseJson } from '../http/parse-json.ts'
import { describeError } from '../log/describe-error.ts'
import type { Log } from '../log/log.ts'
import { isStopped, type Stop } from '../services/stop.ts'
import { EVERYTHING, NO_CONTROLS, readControls, type ControlRecord } from './control-record.ts'
import { CONTROL_CHANGES, NOTHING_STORED, type ControlStore } from './control-store.ts'
import type { StoredControls } from './reconcile-controls.ts'

const INTERVAL_MS = 1000
/** Two reads in a row may fail or be late. */
const MIN_MAX_AGE_MS = 2000

const messageSchema = z.object({ change: z.string() })

/** What operators block and stop now, by the settings (CONNECT_BLOCKED_CLIENTS, CONNECT_STOP) and in Redis. */
export interface Controls {
  /** Another object after each change. */
  readonly blocked: BlockedClients
  /** By the controls in memory, which may be too old. @param service - its name, or `all` for the whole gate */
  isStopped(service: string): boolean
  /**
   * As {@link isStopped}, before something is allowed: controls that are too old refuse, but they allow nothing, so they
   * are read again. Afterwards `blocked` is current too.
   *
   * @throws Error when Redis cannot answer
   */
  isStoppedNow(service: string): boolean | Promise<boolean>
  /** Reads them now. @throws Error when Redis cannot answer */
  refresh(): Promise<void>
}

export interface ControlFollowerOptions {
  readonly store: ControlStore
  readonly settings: { readonly blockedClients: BlockedClients; readonly stop: Stop }
  /** How long the controls in memory count while Redis cannot be read. */
  readonly graceMs: number
  readonly log: Log
  readonly elapsedMs: () => number
  /** Called when a change was read. */
  readonly acknowledge?: (change: string) => Promise<void>
}

/**
 * Follows the controls in Redis, in memory: by a channel, and by a read each second, which also finds changes whose
 * message was lost. Controls that Redis has lost are written again.
 */
export class ControlFollower implements Controls {
  readonly #options: ControlFollowerOptions
  #stored: StoredControls = NOTHING_STORED
  #record: ControlRecord = NO_CONTROLS
  #blocked: BlockedClients
  #readAtMs = -Infinity
  #reading: Promise<void> | undefined
  #timer: NodeJS.Timeout | undefined

  constructor(options: ControlFollowerOptions) {
    this.#options = options
    this.#blocked = options.settings.blockedClients
  }

  get blocked(): BlockedClients {
    return this.#blocked
  }

  isStopped(service: string): boolean {
    const { stop } = this.#options.settings
    const { stopped } = this.#record
    return (
      isStopped(stop, service) ||
      (stopped.length > 0 &&
        stopped.some((entry) => entry.service === service || entry.service === EVERYTHING))
    )
  }

  isStoppedNow(service: string): boolean | Promise<boolean> {
    return this.isCurrent ? this.isStopped(service) : this.refresh().then(() => this.isStopped(service))
  }

  /** False when the last read of Redis is too old: a block or stop may be missing. */
  get isCurrent(): boolean {
    const { elapsedMs, graceMs } = this.#options
    return elapsedMs() - this.#readAtMs < Math.max(MIN_MAX_AGE_MS, graceMs)
  }

  /** Concurrent callers share one read. */
  async refresh(): Promise<void> {
    this.#reading ??= this.#read().finally(() => (this.#reading = undefined))
    await this.#reading
  }

  /** @param subscriber - a connection for subscriptions; it may have other channels too */
  follow(subscriber: Redis): void {
    subscriber.on('message', (channel: string, text: string) => {
      if (channel === CONTROL_CHANGES) void this.#receive(text)
    })
    subscriber.on('ready', () => void this.#subscribe(subscriber))
    if (subscriber.status === 'ready') void this.#subscribe(subscriber)
    this.#timer = setInterval(() => void this.#refreshInBackground(), INTERVAL_MS).unref()
  }

  stop(): void {
    clearInterval(this.#timer)
  }

  async #subscribe(subscriber: Redis): Promise<void> {
    try {
      await subscriber.subscribe(CONTROL_CHANGES)
    } catch (error) {
      this.#options.log.warn({ reason: describeError(error) }, 'redis: subscription to controls failed')
    }
    await this.#refreshInBackground()
  }

  async #refreshInBackground(): Promise<void> {
    try {
      await this.refresh()
    } catch (error) {
      this.#options.log.debug({ reason: describeError(error) }, 'redis: controls not read')
    }
  }

  /** Reads after the message: a read that is under way may have missed its change. */
  async #receive(text: string): Promise<void> {
    try {
      await this.#read()
      const { data } = messageSchema.safeParse(parseJson(text))
      if (data !== undefined) await this.#options.acknowledge?.(data.change)
    } catch (error) {
      this.#options.log.warn({ reason: describeError(error) }, 'redis: change of controls not acknowledged')
    }
  }

  async #read(): Promise<void> {
    const { store, log, elapsedMs } = this.#options
    const begunMs = elapsedMs()
    const { wasLost, ...stored } = await store.sync(this.#stored)
    if (wasLost) log.warn('redis: blocked clients and stopped services were lost, and are written again')
    // In a cluster, answers may arrive in another order than the reads.
    if (stored.revision >= this.#stored.revision) this.#apply(stored)
    this.#readAtMs = Math.max(this.#readAtMs, begunMs)
  }

  /** @throws UnreadableRecordError; the controls from before stay */
  #apply(stored: StoredControls): void {
    if (stored.text === this.#stored.text && stored.revision === this.#stored.revision) return
    const { settings, log } = this.#options
    const record = readControls(stored.text)
    const inRedis = readBlockEntries(record.blocked.map(({ entry }) => entry))
    this.#stored = stored
    this.#record = record
    this.#blocked = bothBlocked(settings.blockedClients, inRedis)
    const blocked = record.blocked.map(({ entry }) => entry)
    const stopped = record.stopped.map(({ service }) => service)
    log.warn({ blocked, stopped }, 'blocked and stopped in Redis by an operator')
  }
}
