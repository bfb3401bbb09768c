import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import type { Store } from '../../core/store/redis.ts'
import {
  HEARTBEAT_INTERVAL_MS,
  publishConsentUiHeartbeat,
  readAcknowledgement,
  readConsentUiHeartbeat,
  SESSION_CHANGES_ACKNOWLEDGED,
  type Acknowledgement,
} from '../../core/sessions/session-changes.ts'

/** So many of our heartbeats in a row may fail to come back. */
const MAX_UNHEARD_HEARTBEATS = 3

interface AcknowledgementsParts {
  /** Where heartbeats are published: where changes are, too. */
  readonly store: Store
  /** A connection of its own. */
  readonly subscriber: Redis
  readonly log: Log
  readonly heartbeatIntervalMs?: number
}

/**
 * The subscription to what authz processes acknowledge. A connection that only listens does not notice when its
 * other end is gone: this process publishes heartbeats, and connects anew when they do not come back.
 */
export class Acknowledgements {
  readonly #parts: AcknowledgementsParts
  readonly #name = randomUUID()
  #unheard = 0

  constructor(parts: AcknowledgementsParts) {
    this.#parts = parts
  }

  /** Passes each acknowledgement on from now on, through losses of the connection. */
  follow(hear: (acknowledgement: Acknowledgement) => void): void {
    const { subscriber, heartbeatIntervalMs = HEARTBEAT_INTERVAL_MS } = this.#parts
    subscriber.on('message', (_channel: string, text: string) => {
      if (readConsentUiHeartbeat(text)?.heartbeat === this.#name) this.#unheard = 0
      const acknowledgement = readAcknowledgement(text)
      if (acknowledgement !== undefined) hear(acknowledgement)
    })
    subscriber.on('ready', () => void this.#subscribe())
    if (subscriber.status === 'ready') void this.#subscribe()
    setInterval(() => void this.#beat(), heartbeatIntervalMs).unref()
  }

  async #subscribe(): Promise<void> {
    this.#unheard = 0
    try {
      await this.#parts.subscriber.subscribe(SESSION_CHANGES_ACKNOWLEDGED)
    } catch (error) {
      this.#parts.log.warn({ reason: describeError(error) }, 'redis: subscription to acknowledgements failed')
    }
  }

  async #beat(): Promise<void> {
    const { store, subscriber, log } = this.#parts
    if (subscriber.status !== 'ready') return
    if (this.#unheard >= MAX_UNHEARD_HEARTBEATS) {
      this.#unheard = 0
      log.warn('redis: subscription to acknowledgements lost: heartbeats do not come back, connecting anew')
      subscriber.disconnect(true)
      return
    }
    try {
      await publishConsentUiHeartbeat(store, { heartbeat: this.#name })
      this.#unheard += 1
    } catch (error) {
      log.debug({ reason: describeError(error) }, 'redis: heartbeat not published')
    }
  }
}
