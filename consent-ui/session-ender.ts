import type { Redis } from 'ioredis'
import { randomSecret } from '../core/hash.ts'
import type { Log } from '../core/log.ts'
import type { Store } from '../core/redis.ts'
import { liveAuthz, readAcknowledgement, SESSION_CHANGES_ACKNOWLEDGED } from '../core/session-changes.ts'
import type { SessionStore } from '../core/session-store.ts'

/** Revoking answers by then, whatever became of the authz processes. */
const LONGEST_WAIT_MS = 1000
/** Between two nodes of a cluster a message may be lost without a sign: who has not answered is told again. */
const TELL_AGAIN_MS = 250

/** Ends sessions, and knows when no authz process serves them any more. */
export class SessionEnder {
  readonly #store: Store
  readonly #sessions: SessionStore
  readonly #log: Log
  /** By change: the authz processes whose acknowledgement is awaited, and what to do when there are none left. */
  readonly #waiting = new Map<string, { readonly missing: Set<string>; readonly done: () => void }>()

  constructor(store: Store, sessions: SessionStore, log: Log) {
    this.#store = store
    this.#sessions = sessions
    this.#log = log
  }

  /** Listens for acknowledgements on a connection of its own, again after each time that it was lost. */
  listen(subscriber: Redis): void {
    const subscribe = (): void => {
      subscriber.subscribe(SESSION_CHANGES_ACKNOWLEDGED).catch((error: unknown) => {
        this.#log.warn({ error: String(error) }, 'acknowledgements cannot be heard')
      })
    }
    subscriber.on('message', (_channel: string, text: string) => this.#hear(text))
    subscriber.on('ready', subscribe)
    if (subscriber.status === 'ready') subscribe()
  }

  /**
   * Ends a session; when it returns, the next request is refused by every authz process that acknowledged.
   *
   * @returns whether all of them did; one that did not reads the store at each request by then, or is dead
   */
  async end(sessionId: string): Promise<boolean> {
    const change = randomSecret()
    const missing = new Set(await liveAuthz(this.#store))
    const acknowledged = this.#acknowledgements(change, missing)
    const replication = await this.#sessions.end(sessionId, change)
    if (replication === 'not_replicated') {
      this.#log.warn('a session ended, and no replica of the store has confirmed it')
    }
    const again = setInterval(() => this.#tellAgain(sessionId, change), TELL_AGAIN_MS)
    const complete = await acknowledged
    clearInterval(again)
    if (!complete)
      this.#log.warn({ missing: [...missing] }, 'a session ended, not acknowledged by every authz')
    return complete
  }

  /** It has ended already; once more does nothing but tell. */
  #tellAgain(sessionId: string, change: string): void {
    this.#sessions.end(sessionId, change).catch((error: unknown) => {
      this.#log.warn({ error: String(error) }, 'the end of a session was not told again')
    })
  }

  #acknowledgements(change: string, missing: Set<string>): Promise<boolean> {
    if (missing.size === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (complete: boolean): void => {
        clearTimeout(timer)
        this.#waiting.delete(change)
        resolve(complete)
      }
      const timer = setTimeout(() => settle(false), LONGEST_WAIT_MS)
      this.#waiting.set(change, { missing, done: () => settle(true) })
    })
  }

  #hear(text: string): void {
    const acknowledgement = readAcknowledgement(text)
    if (acknowledgement === undefined) return
    const waiting = this.#waiting.get(acknowledgement.change)
    if (waiting?.missing.delete(acknowledgement.by) === true && waiting.missing.size === 0) waiting.done()
  }
}
