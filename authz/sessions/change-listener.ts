import { Cluster, type Redis } from 'ioredis'
import type { Log } from '../../core/log/log.ts'
import type { Store } from '../../core/store/redis.ts'
import {
  acknowledge,
  delistAuthz,
  enlistAuthz,
  HEARTBEAT_INTERVAL_MS,
  publishAuthzHeartbeat,
  readSessionMessage,
  SESSION_CHANGES,
} from '../../core/sessions/session-changes.ts'
import { mastersOf } from '../../core/store/store-masters.ts'
import { Heartbeats } from './heartbeats.ts'

/** After so many rounds without all heartbeats, the subscription gets a new connection. */
const MAX_MISSED_HEARTBEATS = 5

export interface SessionMemory {
  forget(sessionId: string): void
  forgetAll(): void
}

export interface ChangeListenerOptions {
  readonly store: Store
  /** A connection to one node, used for subscriptions only. */
  readonly subscriber: Redis
  readonly name: string
  readonly log: Log
  readonly elapsedMs: () => number
  readonly heartbeatIntervalMs?: number
  /** Called when the subscription becomes live, and within a second after it was lost. */
  readonly onLiveChange?: (isLive: boolean) => void
}

/**
 * Subscribes to session changes. Each second it publishes a heartbeat at every Redis master: one that comes back proves
 * that changes from that master arrive too.
 */
export class ChangeListener {
  readonly #options: ChangeListenerOptions
  readonly #heartbeats = new Heartbeats()
  readonly #rounds = new Set<Promise<void>>()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false
  #missedHeartbeats = 0
  #wasLive = false

  constructor(options: ChangeListenerOptions) {
    this.#options = options
  }

  get isLive(): boolean {
    return !this.#isStopped && this.#heartbeats.isLiveAt(this.#options.elapsedMs())
  }

  get lagMs(): number {
    return this.#heartbeats.lagAt(this.#options.elapsedMs())
  }

  follow(memory: SessionMemory): void {
    const { subscriber } = this.#options
    subscriber.on('message', (channel: string, text: string) => {
      if (channel === SESSION_CHANGES) this.#receive(text, memory)
    })
    subscriber.on('close', () => this.#heartbeats.reset())
    subscriber.on('ready', () => void this.#subscribe(memory))
    if (subscriber.status === 'ready') void this.#subscribe(memory)
    const intervalMs = this.#options.heartbeatIntervalMs ?? HEARTBEAT_INTERVAL_MS
    this.#timer = setInterval(() => void this.#sendHeartbeats(memory), intervalMs).unref()
  }

  /** Also leaves the list of live processes, so that no revocation waits for this process. */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#isStopped = true
    // A heartbeat in flight would enter the process again.
    await Promise.all(this.#rounds)
    try {
      await delistAuthz(this.#options.store, this.#options.name)
    } catch (error) {
      this.#options.log.debug(
        { error: messageOf(error) },
        'redis: not removed from the list of live authz processes',
      )
    }
  }

  /** Changes from before the subscription are lost, so the cache must forget everything. */
  async #subscribe(memory: SessionMemory): Promise<void> {
    this.#heartbeats.reset()
    try {
      await this.#options.subscriber.subscribe(SESSION_CHANGES)
      memory.forgetAll()
      await this.#sendHeartbeats(memory)
    } catch (error) {
      this.#options.log.warn({ error: messageOf(error) }, 'redis: subscription to session changes failed')
    }
  }

  async #sendHeartbeats(memory: SessionMemory): Promise<void> {
    if (this.#isStopped) return
    const round = this.#publishHeartbeats(memory)
    this.#rounds.add(round)
    await round.finally(() => this.#rounds.delete(round))
  }

  async #publishHeartbeats(memory: SessionMemory): Promise<void> {
    this.#report()
    const { store, name, elapsedMs } = this.#options
    try {
      // The master of a single server never changes.
      const knownMs = store instanceof Cluster ? elapsedMs() : Infinity
      // The list comes first: revocations do not wait for a process that is not in it.
      const [masters, wasListed] = await Promise.all([mastersOf(store), enlistAuthz(store, name)])
      // Redis was emptied or replaced, and published no changes for the lost sessions.
      if (!wasListed) memory.forgetAll()
      this.#update(memory, () => this.#heartbeats.setMasters(masters.keys(), knownMs))
      await Promise.all([...masters].map(([master, redis]) => this.#publishHeartbeat(master, redis)))
      this.#reconnectIfStale()
    } catch (error) {
      this.#options.log.debug({ error: messageOf(error) }, 'redis: heartbeat failed')
    }
  }

  async #publishHeartbeat(master: string, redis: Redis | undefined): Promise<void> {
    if (redis === undefined) throw new Error(`no connection to ${master} yet`)
    const { name, elapsedMs } = this.#options
    await publishAuthzHeartbeat(redis, { beat: name, master, sentMs: elapsedMs() })
  }

  /** The connection may be half open, or lead to a node that the cluster has lost. */
  #reconnectIfStale(): void {
    const { subscriber, log } = this.#options
    const isStale = subscriber.status === 'ready' && !this.isLive
    this.#missedHeartbeats = isStale ? this.#missedHeartbeats + 1 : 0
    if (this.#missedHeartbeats < MAX_MISSED_HEARTBEATS) return
    this.#missedHeartbeats = 0
    log.warn('redis: heartbeats do not come back; subscription reconnects')
    subscriber.disconnect(true)
  }

  #receive(text: string, memory: SessionMemory): void {
    const message = readSessionMessage(text)
    const { name, elapsedMs } = this.#options
    // A message of a newer version may be about any session.
    if (message === undefined) {
      memory.forgetAll()
    } else if ('session' in message) {
      memory.forget(message.session)
      void this.#acknowledge(message.change)
    } else if (message.beat === name) {
      const sentMs = Math.min(message.sentMs, elapsedMs())
      this.#update(memory, () => this.#heartbeats.receive(message.master, sentMs))
    }
  }

  /** Updates the heartbeats. When the subscription becomes live, changes from before may be missing. */
  #update(memory: SessionMemory, change: () => void): void {
    const { elapsedMs } = this.#options
    const wasLive = this.#heartbeats.isLiveAt(elapsedMs())
    change()
    if (!this.#heartbeats.isLiveAt(elapsedMs())) return
    this.#missedHeartbeats = 0
    if (!wasLive) memory.forgetAll()
    this.#report()
  }

  async #acknowledge(change: string): Promise<void> {
    try {
      await acknowledge(this.#options.store, { change, by: this.#options.name })
    } catch (error) {
      this.#options.log.warn({ error: messageOf(error) }, 'redis: acknowledgement failed')
    }
  }

  #report(): void {
    const { isLive } = this
    if (isLive === this.#wasLive) return
    this.#wasLive = isLive
    this.#options.onLiveChange?.(isLive)
    if (isLive) this.#options.log.info('redis: subscription live')
    else this.#options.log.warn('redis: subscription lost; each request reads the store')
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
