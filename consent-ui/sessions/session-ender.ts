import type { Redis } from 'ioredis'
import type { Audit, AuditEntry } from '../../core/audit/audit-entry.ts'
import { recordOutcome } from '../../core/audit/record-outcome.ts'
import { randomSecret } from '../../core/keys/hash.ts'
import type { Log } from '../../core/log/log.ts'
import { Counts } from '../../core/metrics/counts.ts'
import { END_CAUSES, type EndCause } from '../../core/sessions/end-cause.ts'
import { liveAuthz, liveConsentUi, type Acknowledgement } from '../../core/sessions/session-changes.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Store } from '../../core/store/redis.ts'
import type { Replication } from '../../core/store/replication.ts'
import type { EndedSessions } from '../store/ended-sessions.ts'
import { aboutSession } from '../audit/about-session.ts'
import { Acknowledgements } from './acknowledgements.ts'

/** A revocation answers by then, even if an authz process has not acknowledged. */
const MAX_WAIT_MS = 1000
/** Redis Cluster may lose a message between nodes, so an unacknowledged change is published again. */
const REPUBLISH_MS = 250
const MAX_ANNOUNCEMENTS = 3

export interface Confirmation {
  /**
   * By every live authz process, and for a block or stop by every consent-ui too. Any other process reads Redis again by
   * then, or is dead.
   */
  readonly isAcknowledged: boolean
  /** By a replica, if there is one; without it, the change is lost if the master fails now. */
  readonly isReplicated: boolean
}

/** Makes a change and publishes it under a name; the second time only publishes. */
type Change = (name: string) => Promise<Replication | 'gone' | 'unchanged'>

interface Records {
  readonly log: Log
  readonly audit: Audit
  /** Tells the user what ended, and why. */
  readonly history: EndedSessions
}

/** Ends and downgrades sessions, and waits until every authz process knows. */
export class SessionEnder {
  readonly ended = new Counts({
    name: 'connect_consent_ui_sessions_ended_total',
    help: 'Sessions that ended before their lifetime',
    labelNames: ['cause'],
    initial: END_CAUSES.map((cause) => ({ cause })),
  })
  readonly #store: Store
  readonly #sessions: SessionStore
  readonly #log: Log
  readonly #audit: Audit
  readonly #history: EndedSessions
  /** By change: the processes that have not acknowledged yet. */
  readonly #waiting = new Map<string, { readonly missing: Set<string>; readonly done: () => void }>()

  constructor(store: Store, sessions: SessionStore, { log, audit, history }: Records) {
    this.#store = store
    this.#sessions = sessions
    this.#log = log
    this.#audit = audit
    this.#history = history
  }

  listen(subscriber: Redis, heartbeatIntervalMs?: number): void {
    const settings = heartbeatIntervalMs === undefined ? {} : { heartbeatIntervalMs }
    const subscription = new Acknowledgements({ store: this.#store, subscriber, log: this.#log, ...settings })
    subscription.follow((acknowledgement) => this.#acknowledge(acknowledgement))
  }

  /**
   * Ends a session. Every authz process that acknowledged refuses its next request.
   *
   * @param entry - its line in the audit log, written also if the end is not confirmed
   */
  async end(sessionId: string, cause: EndCause, entry: AuditEntry | 'recorded'): Promise<Confirmation> {
    if (entry === 'recorded') return await this.#end(sessionId, cause)
    return await recordOutcome(
      this.#audit,
      () => entry,
      () => this.#end(sessionId, cause),
    )
  }

  async #end(sessionId: string, cause: EndCause): Promise<Confirmation> {
    const session = await this.#findQuietly(sessionId)
    const { confirmation } = await this.#change('session ended', (change) =>
      this.#sessions.end(sessionId, change),
    )
    this.ended.add({ cause })
    if (session !== undefined) await this.#history.ended(session, cause)
    return confirmation
  }

  /** For the history only, which must not keep a session from ending. */
  async #findQuietly(sessionId: string): Promise<Session | undefined> {
    return await this.#sessions.find(sessionId).catch(() => undefined)
  }

  /** Ends a session that its user did not end, and logs why. */
  async endForReason(session: Session, cause: EndCause, reason: string): Promise<void> {
    const { id, clientName, person } = session
    await this.end(id, cause, { name: 'SessionEnded', reason, ...aboutSession(session) })
    this.#log.warn({ reason, client: clientName, person: person.name }, 'session ended')
  }

  /** Downgrades a session to read-only. @returns `gone` if it has ended */
  async downgrade(sessionId: string, entry: AuditEntry): Promise<Confirmation | 'gone'> {
    const downgrade = (change: string) => this.#sessions.downgrade(sessionId, change)
    const { outcome, confirmation } = await recordOutcome(
      this.#audit,
      (made) => (made?.outcome === 'gone' ? undefined : entry),
      () => this.#change('session downgraded', downgrade),
    )
    return outcome === 'gone' ? 'gone' : confirmation
  }

  /**
   * Publishes a change of what operators block or stop. A process that knew other controls than a Redis that was emptied
   * may have undone it, so it is made again until it stays.
   *
   * @returns when every authz and every consent-ui has read it, or after 1 s
   */
  async announce(
    what: string,
    make: (name: string) => Promise<Replication | 'unchanged'>,
  ): Promise<Confirmation> {
    for (let attempt = 1; attempt <= MAX_ANNOUNCEMENTS; attempt += 1) {
      const { confirmation } = await this.#change(what, make, await liveConsentUi(this.#store))
      if ((await make(randomSecret())) === 'unchanged') return confirmation
      this.#log.warn(`${what}: undone meanwhile, made again`)
    }
    throw new Error(`${what}: undone by others after each of ${MAX_ANNOUNCEMENTS} attempts`)
  }

  async #change(
    what: string,
    make: Change,
    consentUis: readonly string[] = [],
  ): Promise<{ outcome: Replication | 'gone' | 'unchanged'; confirmation: Confirmation }> {
    const change = randomSecret()
    const gates = await liveAuthz(this.#store)
    const missing = new Set([...gates, ...consentUis])
    const acknowledged = this.#waitFor(change, missing)
    const outcome = await make(change)
    const isReplicated = outcome !== 'not_replicated'
    if (!isReplicated) this.#log.warn(`${what}: not confirmed by a Redis replica`)
    const republishing = setInterval(() => this.#republish(what, () => make(change)), REPUBLISH_MS)
    const isAcknowledged = await acknowledged
    clearInterval(republishing)
    if (!isAcknowledged) {
      const isGateMissing = gates.some((gate) => missing.has(gate))
      const problem = isGateMissing
        ? `${what}: not acknowledged by every authz`
        : `${what}: not acknowledged by every consent-ui`
      this.#log.warn({ missing: [...missing] }, problem)
    }
    return { outcome, confirmation: { isAcknowledged, isReplicated } }
  }

  #republish(what: string, make: () => Promise<unknown>): void {
    make().catch((error: unknown) => {
      this.#log.warn({ error: String(error) }, `${what}: not published again`)
    })
  }

  #waitFor(change: string, missing: Set<string>): Promise<boolean> {
    if (missing.size === 0) return Promise.resolve(true)
    return new Promise((resolve) => {
      const settle = (isComplete: boolean): void => {
        clearTimeout(timer)
        this.#waiting.delete(change)
        resolve(isComplete)
      }
      const timer = setTimeout(() => settle(false), MAX_WAIT_MS)
      this.#waiting.set(change, { missing, done: () => settle(true) })
    })
  }

  #acknowledge({ change, by }: Acknowledgement): void {
    const waiting = this.#waiting.get(change)
    if (waiting?.missing.delete(by) === true && waiting.missing.size === 0) waiting.done()
  }
}
