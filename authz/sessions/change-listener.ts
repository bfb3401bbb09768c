import { Cluster, type Redis } from 'ioredis'
import type { Log } from '../../core/log/log.ts'
import type { Store } from '../../core/store/redis.ts'
import {
  acknowledge,
  BEAT_INTERVAL_MS,
  delistAuthz,
  enlistAuthz,
  publishBeat,
  readSessionMessage,
  SESSION_CHANGES,
} from '../../core/sessions/session-changes.ts'
import { mastersOf } from '../../core/store/store-masters.ts'
import { Hearing } from './heartbeats.ts'

/** So many beats were published at every master and not all came back: the subscription is no good. */
const MOST_UNHEARD_BEATS = 5

/** What forgets sessions when it is told to. */
export interface SessionMemory {
  forget(sessionId: string): void
  forgetAll(): void
}

export interface ListenerParts {
  /** Where beats and acknowledgements are published. */
  readonly store: Store
  /** A plain connection of its own, to one node, that is told of nothing but changes. */
  readonly subscriber: Redis
  /** Of this process, unlike any other's. */
  readonly name: string
  readonly log: Log
  /** Milliseconds that never go backwards, as `performance.now()`. */
  readonly elapsedMs: () => number
  readonly beatIntervalMs?: number
}

/**
 * Hears of every change of a session, and knows whether it would: each second it publishes a beat at each master
 * of the store, which comes back on the subscription only while the way that changes take is open.
 */
export class ChangeListener {
  readonly #parts: ListenerParts
  readonly #hearing = new Hearing()
  #timer: NodeJS.Timeout | undefined
  #isStopped = false
  /** Heartbeats under way. */
  readonly #beats = new Set<Promise<void>>()
  #unheardBeats = 0
  #wasHearing = false

  constructor(parts: ListenerParts) {
    this.#parts = parts
  }

  /** Whether a change that is made now would be heard of. */
  get hearing(): boolean {
    return !this.#isStopped && this.#hearing.isAt(this.#parts.elapsedMs())
  }

  /** For how long changes may have gone unheard, in milliseconds; Infinity before the first beat. */
  get silentMs(): number {
    return this.#hearing.silenceAt(this.#parts.elapsedMs())
  }

  /** Follows the changes from now on, through losses of the connection. */
  follow(memory: SessionMemory): void {
    const { subscriber } = this.#parts
    subscriber.on('message', (_channel: string, text: string) => this.#hear(text, memory))
    subscriber.on('close', () => this.#hearing.lose())
    subscriber.on('ready', () => void this.#subscribe(memory))
    if (subscriber.status === 'ready') void this.#subscribe(memory)
    const intervalMs = this.#parts.beatIntervalMs ?? BEAT_INTERVAL_MS
    this.#timer = setInterval(() => void this.#beat(memory), intervalMs).unref()
  }

  /**
   * Publishes no heartbeat any more, has each request read the store, and leaves the list of live processes at once:
   * no revocation waits for this one.
   */
  async stop(): Promise<void> {
    clearInterval(this.#timer)
    this.#isStopped = true
    // A heartbeat under way would enter it again.
    await Promise.all(this.#beats)
    try {
      await delistAuthz(this.#parts.store, this.#parts.name)
    } catch (error) {
      this.#parts.log.debug(
        { error: nameOf(error) },
        'redis: not taken out of the list of live authz processes',
      )
    }
  }

  /** What was told before the subscription was made is lost: nothing from before may be served as if it were not. */
  async #subscribe(memory: SessionMemory): Promise<void> {
    this.#hearing.lose()
    try {
      await this.#parts.subscriber.subscribe(SESSION_CHANGES)
      memory.forgetAll()
      await this.#beat(memory)
    } catch (error) {
      this.#parts.log.warn({ error: nameOf(error) }, 'changes of sessions cannot be heard')
    }
  }

  async #beat(memory: SessionMemory): Promise<void> {
    if (this.#isStopped) return
    const beat = this.#publishBeats(memory)
    this.#beats.add(beat)
    await beat.finally(() => this.#beats.delete(beat))
  }

  async #publishBeats(memory: SessionMemory): Promise<void> {
    this.#report()
    const { store, name, elapsedMs } = this.#parts
    try {
      // A single server has no other that could take over from it unseen.
      const knownMs = store instanceof Cluster ? elapsedMs() : Infinity
      // Whoever relies on the channel must be in the list first: those who are not in it are not waited for.
      const [masters, wasListed] = await Promise.all([mastersOf(store), enlistAuthz(store, name)])
      // It was emptied, or is another one by now: nobody tells of the sessions that went with it.
      if (!wasListed) memory.forgetAll()
      this.#learn(memory, () => this.#hearing.know(masters.keys(), knownMs))
      await Promise.all([...masters].map(([master, redis]) => this.#beatAt(master, redis)))
      this.#renewIfDeaf()
    } catch (error) {
      this.#parts.log.debug({ error: nameOf(error) }, 'no beat')
    }
  }

  async #beatAt(master: string, redis: Redis | undefined): Promise<void> {
    if (redis === undefined) throw new Error(`no connection to ${master} yet`)
    const { name, elapsedMs } = this.#parts
    await publishBeat(redis, { beat: name, master, sentMs: elapsedMs() })
  }

  /** Its other end may be gone without a word, or be a node that the cluster has lost sight of. */
  #renewIfDeaf(): void {
    const { subscriber, log } = this.#parts
    const deaf = subscriber.status === 'ready' && !this.hearing
    this.#unheardBeats = deaf ? this.#unheardBeats + 1 : 0
    if (this.#unheardBeats < MOST_UNHEARD_BEATS) return
    this.#unheardBeats = 0
    log.warn('beats do not come back: another connection is made')
    subscriber.disconnect(true)
  }

  #hear(text: string, memory: SessionMemory): void {
    const message = readSessionMessage(text)
    const { name, elapsedMs } = this.#parts
    // A newer version's news may be about any session.
    if (message === undefined) {
      memory.forgetAll()
    } else if ('session' in message) {
      memory.forget(message.session)
      void this.#acknowledge(message.change)
    } else if (message.beat === name) {
      const sentMs = Math.min(message.sentMs, elapsedMs())
      this.#learn(memory, () => this.#hearing.hear(message.master, sentMs))
    }
  }

  /** Changes of the time before it hears again may be lost, on the way between two nodes without any sign. */
  #learn(memory: SessionMemory, news: () => void): void {
    const { elapsedMs } = this.#parts
    const before = this.#hearing.isAt(elapsedMs())
    news()
    if (!this.#hearing.isAt(elapsedMs())) return
    this.#unheardBeats = 0
    if (!before) memory.forgetAll()
  }

  async #acknowledge(change: string): Promise<void> {
    try {
      await acknowledge(this.#parts.store, { change, by: this.#parts.name })
    } catch (error) {
      this.#parts.log.warn({ error: nameOf(error) }, 'a change was not acknowledged')
    }
  }

  #report(): void {
    const { hearing } = this
    if (hearing === this.#wasHearing) return
    this.#wasHearing = hearing
    if (hearing) this.#parts.log.info('changes of sessions are heard')
    else this.#parts.log.warn('changes of sessions are not heard: each request reads the store')
  }
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.message : 'unknown'
}
