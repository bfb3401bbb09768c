import { randomUUID } from 'node:crypto'
import type { Redis } from 'ioredis'
import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import {
  HEARTBEAT_INTERVAL_MS,
  publishConsentUiHeartbeat,
  readAcknowledgement,
  readConsentUiHeartbeat,
  SESSION_CHANGES_ACKNOWLEDGED,
  type Acknowledgement,
} from '../../core/sessions/session-changes.ts'
import type { Store } from '../../core/store/redis.ts'

const MAX_MISSED_HEARTBEATS = 3

interface AcknowledgementsDependencies {
  /** Publishes heartbeats, as it does changes. */
  readonly store: Store
  readonly subscriber: Redis
  readonly log: Log
  readonly heartbeatIntervalMs?: number
}

/** Subscription to acknowledgements. Heartbeats reveal a dead peer, which a listening connection would miss. */
export class Acknowledgements {
  readonly #dependencies: AcknowledgementsDependencies
  readonly #name = randomUUID()
  #missed = 0

  constructor(dependencies: AcknowledgementsDependencies) {
    this.#dependencies = dependencies
  }

  /** Calls back for each acknowledgement, and resubscribes after a lost connection. */
  follow(onAcknowledgement: (acknowledgement: Acknowledgement) => void): void {
    const { subscriber, heartbeatIntervalMs = HEARTBEAT_INTERVAL_MS } = this.#dependencies
    subscriber.on('message', (channel: string, text: string) => {
      if (channel !== SESSION_CHANGES_ACKNOWLEDGED) return
      if (readConsentUiHeartbeat(text)?.heartbeat === this.#name) this.#missed = 0
      const acknowledgement = readAcknowledgement(text)
      if (acknowledgement !== undefined) onAcknowledgement(acknowledgement)
    })
    subscriber.on('ready', () => void this.#subscribe())
    if (subscriber.status === 'ready') void this.#subscribe()
    setInterval(() => void this.#beat(), heartbeatIntervalMs).unref()
  }

  async #subscribe(): Promise<void> {
    this.#missed = 0
    try {
      await this.#dependencies.subscriber.subscribe(SESSION_CHANGES_ACKNOWLEDGED)
    } catch (error) {
      this.#dependencies.log.warn(
        { reason: describeError(error) },
        'redis: subscription to acknowledgements failed',
      )
    }
  }

  async #beat(): Promise<void> {
    const { store, subscriber, log } = this.#dependencies
    if (subscriber.status !== 'ready') return
    if (this.#missed >= MAX_MISSED_HEARTBEATS) {
      this.#missed = 0
      log.warn('redis: subscription to acknowledgements lost (no heartbeat), reconnecting')
      subscriber.disconnect(true)
      return
    }
    try {
      await publishConsentUiHeartbeat(store, { heartbeat: this.#name })
      this.#missed += 1
    } catch (error) {
      log.debug({ reason: describeError(error) }, 'redis: heartbeat not published')
    }
  }
}
