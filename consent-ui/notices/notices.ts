import { setTimeout } from 'node:timers/promises'
import type { Audit } from '../../core/audit/audit-entry.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import { Counts } from '../../core/metrics/counts.ts'
import { readSessionDetails } from '../../core/sessions/session-details.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Store } from '../../core/store/redis.ts'
import { aboutSession } from '../audit/about-session.ts'
import { CHECK_PAGE } from '../http/paths.ts'
import { quiltUser } from '../store/link-store.ts'
import type { NoticeStore } from '../store/notice-store.ts'
import { noticeLink } from './notice-link.ts'
import type { Notice } from './notice.ts'

/** @throws if the notice was not accepted; the message is for the log */
export type SendNotice = (notice: Notice) => Promise<void>

export interface NoticesParts {
  readonly origin: string
  /** The Registry's origin. */
  readonly registry: string
  readonly redis: Store
  readonly store: NoticeStore
  readonly ring: KeyRing
  readonly audit: Audit
  readonly log: Log
  /** Seconds since 1970. */
  readonly now: () => number
  readonly ways: Readonly<Partial<Record<Way, SendNotice>>>
  /** Before each further attempt, in milliseconds. */
  readonly retryAfterMs?: readonly number[]
}

const WAYS = ['mail', 'webhook'] as const
const OUTCOMES = ['sent', 'retried', 'failed', 'dropped'] as const

type Way = (typeof WAYS)[number]

/** Of this process at once; further notices are dropped and counted. */
const MAX_PENDING = 200
const RETRY_AFTER_MS = [5000, 60_000, 300_000]

/** Tells users “Was this you?”, off the request's path: a notice that fails changes nothing else. */
export class Notices {
  readonly counts = new Counts({
    name: 'connect_consent_ui_notices_total',
    help: 'Notices to users, by way and outcome',
    labelNames: ['way', 'outcome'],
    initial: WAYS.flatMap((way) => OUTCOMES.map((outcome) => ({ way, outcome }))),
  })
  readonly #parts: NoticesParts
  readonly #pending = new Set<Promise<void>>()
  readonly #stop = new AbortController()
  #failedAtStop = 0

  constructor(parts: NoticesParts) {
    this.#parts = parts
  }

  /** After a session was opened. */
  opened(session: Session): void {
    if (session.redirectUri === `${this.#parts.origin}${CHECK_PAGE}`) return
    this.#begin(session, 'claimApproval')
  }

  /** After a token or code of a session was presented again. */
  replayed(session: Session): void {
    this.#begin(session, 'claimReplay')
  }

  /** Settles when all started notices were sent or given up. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }

  /** Gives what waits for another attempt its last one at once, and waits for it for at most `maxMs`. */
  async stop(maxMs: number): Promise<void> {
    this.#stop.abort()
    await Promise.race([this.settled(), setTimeout(maxMs, undefined, { ref: false })])
    const [failed, unfinished] = [this.#failedAtStop, this.#pending.size]
    if (failed + unfinished > 0) this.#parts.log.warn({ failed, unfinished }, 'notice: given up at the stop')
  }

  #begin(session: Session, claim: 'claimApproval' | 'claimReplay'): void {
    const ways = Object.entries(this.#parts.ways) as [Way, SendNotice][]
    if (ways.length === 0) return
    if (this.#pending.size >= MAX_PENDING) {
      this.#drop(ways)
      return
    }
    const work: Promise<void> = this.#tell(session, claim, ways)
      .catch((error: unknown) =>
        this.#parts.log.warn({ reason: describeError(error) }, 'notice: not sent, Redis could not be asked'),
      )
      .finally(() => this.#pending.delete(work))
    this.#pending.add(work)
  }

  async #tell(
    session: Session,
    claim: 'claimApproval' | 'claimReplay',
    ways: readonly (readonly [Way, SendNotice])[],
  ): Promise<void> {
    const { redis, registry, store, ring, origin, now } = this.#parts
    const { openedFrom } = await readSessionDetails(redis, session.id)
    const { device = '', network = '' } = openedFrom ?? {}
    const user = quiltUser({ registry, name: session.person.name })
    const reason = await store[claim]({ user, clientId: session.clientId, network, now: now() })
    if (reason === undefined) return
    if (!(await store.countNotice(user))) {
      this.#drop(ways)
      return
    }
    const link = noticeLink(ring, { origin, now: now() }, session.id)
    const notice = { reason, session, device, network, at: now(), link }
    await Promise.all(ways.map(([way, send]) => this.#send(way, send, notice)))
  }

  #drop(ways: readonly (readonly [Way, SendNotice])[]): void {
    for (const [way] of ways) this.counts.add({ way, outcome: 'dropped' })
  }

  async #send(way: Way, send: SendNotice, notice: Notice): Promise<void> {
    const { retryAfterMs = RETRY_AFTER_MS, log } = this.#parts
    for (const delay of [...retryAfterMs, undefined]) {
      try {
        await send(notice)
        this.#record(way, notice, 'sent')
        return
      } catch (error) {
        const isStopping = this.#stop.signal.aborted
        const isLast = delay === undefined || isStopping
        const outcome = isLast ? 'failed' : 'retried'
        // Not the error's text: a mail server may repeat addresses, and a URL may be a secret.
        log.warn({ way, code: codeOf(error) }, `notice: ${way} was not accepted (${outcome})`)
        this.#record(way, notice, outcome)
        if (isStopping) this.#failedAtStop += 1
        if (isLast) return
        await setTimeout(delay, undefined, { ref: false, signal: this.#stop.signal }).catch(() => undefined)
      }
    }
  }

  #record(way: Way, { reason, session }: Notice, outcome: 'sent' | 'retried' | 'failed'): void {
    this.counts.add({ way, outcome })
    if (outcome === 'retried') return
    const event = { name: 'NoticeSent', isSuccess: outcome === 'sent' } as const
    this.#parts.audit.record({ ...event, ...aboutSession(session), details: { way, why: reason } })
  }
}

function codeOf(error: unknown): string {
  const { code, responseCode, cause } = error as { code?: unknown; responseCode?: unknown; cause?: unknown }
  const { code: causeCode } = (cause ?? {}) as { code?: unknown }
  return [code, responseCode, causeCode]
    .filter((one) => typeof one === 'string' || typeof one === 'number')
    .join(' ')
}
