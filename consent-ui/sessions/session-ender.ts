import type { Redis } from 'ioredis'
import { randomSecret } from '../../core/keys/hash.ts'
import type { Log } from '../../core/log/log.ts'
import type { Store } from '../../core/store/redis.ts'
import { liveAuthz, type Acknowledgement } from '../../core/sessions/session-changes.ts'
import type { Replication } from '../../core/store/replication.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import { Acknowledgements } from './acknowledgements.ts'

/** Revoking answers by then, whatever became of the authz processes. */
const LONGEST_WAIT_MS = 1000
/** Between two nodes of a cluster a message may be lost without a sign: who has not answered is told again. */
const TELL_AGAIN_MS = 250

/** Who has confirmed a change. */
export interface Confirmation {
  /** Every live authz process; one that has not reads the store at each request by then, or is dead. */
  readonly isAcknowledged: boolean
  /** A replica of the store, where there is one: should the master fail now without it, the change may be lost. */
  readonly isReplicated: boolean
}

/** Made once or again, it comes to the same, and tells of itself under the name that it is given. */
type Change = (name: string) => Promise<Replication | 'gone'>

/** Ends and narrows sessions, and knows when no authz process goes by what they were before. */
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
  listen(subscriber: Redis, heartbeatIntervalMs?: number): void {
    const settings = heartbeatIntervalMs === undefined ? {} : { heartbeatIntervalMs }
    const subscription = new Acknowledgements({ store: this.#store, subscriber, log: this.#log, ...settings })
    subscription.follow((acknowledgement) => this.#hear(acknowledgement))
  }

  /** Ends a session; when it returns, the next request is refused by every authz process that acknowledged. */
  async end(sessionId: string): Promise<Confirmation> {
    const { confirmation } = await this.#tell('a session ended', (change) =>
      this.#sessions.end(sessionId, change),
    )
    return confirmation
  }

  /**
   * Lets a session read only from here on; when it returns, every authz process that acknowledged goes by that.
   *
   * @returns `gone` for a session that has ended
   */
  async narrow(sessionId: string): Promise<Confirmation | 'gone'> {
    const narrow = (change: string) => this.#sessions.downgrade(sessionId, change)
    const { outcome, confirmation } = await this.#tell('a session was narrowed', narrow)
    return outcome === 'gone' ? 'gone' : confirmation
  }

  /** Makes a change, and waits until every live authz process has acknowledged it. */
  async #tell(
    what: string,
    make: Change,
  ): Promise<{ outcome: Replication | 'gone'; confirmation: Confirmation }> {
    const change = randomSecret()
    const missing = new Set(await liveAuthz(this.#store))
    const acknowledged = this.#acknowledgements(change, missing)
    const outcome = await make(change)
    const isReplicated = outcome !== 'not_replicated'
    if (!isReplicated) this.#log.warn(`${what}, and no replica of the store has confirmed it`)
    const again = setInterval(() => this.#tellAgain(what, () => make(change)), TELL_AGAIN_MS)
    const isAcknowledged = await acknowledged
    clearInterval(again)
    if (!isAcknowledged) this.#log.warn({ missing: [...missing] }, `${what}, not acknowledged by every authz`)
    return { outcome, confirmation: { isAcknowledged, isReplicated } }
  }

  /** It is made already; once more does nothing but tell. */
  #tellAgain(what: string, make: () => Promise<unknown>): void {
    make().catch((error: unknown) => {
      this.#log.warn({ error: String(error) }, `${what}, and it was not told again`)
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

  #hear(acknowledgement: Acknowledgement): void {
    const waiting = this.#waiting.get(acknowledgement.change)
    if (waiting?.missing.delete(acknowledgement.by) === true && waiting.missing.size === 0) waiting.done()
  }
}
