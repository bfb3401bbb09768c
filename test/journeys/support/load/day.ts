import { randomInt, randomUUID } from 'node:crypto'
import { sealCredential } from '../../../../core/sessions/session.ts'
import { SessionStore } from '../../../../core/sessions/session-store.ts'
import { NOW, openSession, RING, type Opening } from '../../../authz/support/sessions.ts'
import type { Gate } from '../../../authz/support/gate.ts'

const HOUR_SECONDS = 3600
const STEP_SECONDS = HOUR_SECONDS / 2
const MAX_SESSION_HOURS = 12
/** Of the Quilt credential that a session has at a time. */
const CREDENTIAL_SECONDS = 6 * HOUR_SECONDS
/** Real seconds in the store: longer than the day takes. */
const IDLE_SECONDS = 3600

/** A session that is in use, and the token that its client has now. */
export interface Held {
  opening: Opening
  token: string
  tokenEnd: number
  generation: number
  refreshHash: string
}

/** What consent-ui does in a day of a few hundred people, each hour told by the clock of the gate, which is moved. */
export class Day {
  readonly held: Held[] = []
  /** Tokens of sessions that are over: revoked, or expired. */
  readonly over: string[] = []
  readonly counts = { opened: 0, revoked: 0, expired: 0, rotated: 0, renewed: 0 }
  readonly #gate: Gate
  readonly #store: SessionStore

  constructor(gate: Gate) {
    this.#gate = gate
    this.#store = new SessionStore(gate.redis)
  }

  /** Seconds since 1970, as the gate has them. */
  get now(): number {
    return this.#gate.clock.nowMs / 1000
  }

  get hour(): number {
    return (this.now - NOW) / HOUR_SECONDS
  }

  /** Half an hour passes; sessions whose time is over are known as such afterwards. */
  passHalfAnHour(): void {
    this.#gate.clock.nowMs += STEP_SECONDS * 1000
    this.#gate.clock.skippedMs += STEP_SECONDS * 1000
    for (const each of this.held.filter(({ opening }) => opening.session.expiresAt <= this.now)) {
      this.counts.expired += 1
      this.#leave(each)
    }
  }

  /** So many people connect a client, for some hours. */
  async open(count: number): Promise<void> {
    for (let number = 0; number < count; number += 1) {
      const { now } = this
      const opening = openSession(
        {
          access: number % 3 === 0 ? 'read' : 'full',
          createdAt: now,
          checkedAt: now,
          expiresAt: now + randomInt(1, MAX_SESSION_HOURS + 1) * HOUR_SECONDS,
        },
        { credential: this.#credential() },
      )
      await this.#gate.save(opening)
      const { refresh } = await this.#refreshOf(opening)
      this.counts.opened += 1
      this.held.push({ opening, ...(await this.#newToken(opening)), generation: 1, refreshHash: refresh })
    }
  }

  /** So many of those who are connected end it. */
  async revoke(count: number): Promise<void> {
    for (const each of this.held.slice(0, count)) {
      await this.#store.end(each.opening.session.id, randomUUID())
      this.counts.revoked += 1
      this.#leave(each)
    }
  }

  /** Every client whose token is about to expire gets another; every Quilt credential that is, is renewed before. */
  async refresh(): Promise<void> {
    for (const each of this.held.filter(({ tokenEnd }) => tokenEnd <= this.now + STEP_SECONDS)) {
      const { session, credential } = each.opening
      if (credential.expiresAt <= this.now + HOUR_SECONDS) await this.#renew(each)
      const refresh = { hash: randomUUID(), generation: each.generation + 1, keyId: 'seal-1' }
      const presented = { sessionId: session.id, hash: each.refreshHash }
      const rotated = await this.#store.rotate(presented, { refresh, idleSeconds: IDLE_SECONDS })
      if (rotated !== 'rotated') throw new Error(rotated)
      this.counts.rotated += 1
      Object.assign(each, await this.#newToken(each.opening), {
        generation: refresh.generation,
        refreshHash: refresh.hash,
      })
    }
  }

  async #renew(each: Held): Promise<void> {
    const { session, share } = each.opening
    const stored = await this.#store.findWhole(session.id)
    if (stored === undefined) throw new Error('the session is gone')
    const credential = this.#credential()
    const renewed = sealCredential(RING, stored.session, { share, credential })
    const result = await this.#store.replace(stored, { session: renewed, checkedAt: this.now }, randomUUID())
    if (result !== 'replaced') throw new Error(result)
    this.counts.renewed += 1
    each.opening = { session: renewed, share, credential }
  }

  async #newToken(opening: Opening): Promise<Pick<Held, 'token' | 'tokenEnd'>> {
    const tokenEnd = this.now + HOUR_SECONDS
    const token = await this.#gate.signer.sign(opening, { iat: this.now, exp: tokenEnd })
    return { token, tokenEnd }
  }

  async #refreshOf({ session }: Opening): Promise<{ refresh: string }> {
    return { refresh: (await this.#store.findRefresh(session.id))?.hash ?? '' }
  }

  #credential() {
    return { token: `quilt-${randomUUID()}`, expiresAt: this.now + CREDENTIAL_SECONDS }
  }

  #leave(each: Held): void {
    this.held.splice(this.held.indexOf(each), 1)
    this.over.push(each.token)
  }
}
