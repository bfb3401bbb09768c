import { createHmac } from 'node:crypto'
import { equalSecrets, sha256 } from '../../core/keys/hash.ts'
import { subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'
import type { Store } from '../../core/store/redis.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Grant } from '../consent/offer.ts'
import { REMEMBERED_CONSENT_SECONDS } from '../lifetimes.ts'
import type { SignedIn } from '../provider/signed-in.ts'

/** Who was asked for what, in everything that the answer depended on. */
export interface Question {
  readonly person: Pick<SignedIn, 'issuer' | 'subject'>
  readonly clientId: string
  /** Of all that is known of the client; another one after a change of its document. */
  readonly clientHash: string
  readonly redirectUri: string
  /** The canonical audience of the service. */
  readonly resource: string
  readonly scope: string
}

/** What a person answered, and the session that came of it, should its client have fetched it. */
export interface GivenConsent extends Grant {
  readonly sessionId: string
}

/**
 * What people granted, by person, client and service: the last of each. A record counts for the very question that it
 * answered, and carries a code under the operator's key, so that who can write to the store cannot answer for anybody.
 */
export class ConsentStore {
  readonly #redis: Store
  readonly #ring: KeyRing

  constructor(redis: Store, ring: KeyRing) {
    this.#redis = redis
    this.#ring = ring
  }

  /** Remembers an answer for {@link REMEMBERED_CONSENT_SECONDS} after it was given, and no longer than it counts. */
  async remember(question: Question, given: GivenConsent, now: number): Promise<void> {
    const until = Math.min(given.givenAt + REMEMBERED_CONSENT_SECONDS, given.endsAt)
    if (until <= now) return
    const { sessionId, access, lifetime, endsAt, givenAt } = given
    const mac = this.#macUnder(this.#ring.current, question, given)
    const record = JSON.stringify({ sessionId, access, lifetime, endsAt, givenAt, mac })
    await this.#redis.set(consentKey(question.person, question), record, 'EX', until - now)
  }

  /** What was answered to a question; undefined where it is too long ago, or was another one. */
  async find(question: Question, now: number): Promise<GivenConsent | undefined> {
    const record = await this.#redis.get(consentKey(question.person, question))
    if (record === null) return undefined
    const { mac, ...given } = JSON.parse(record) as GivenConsent & { mac: string }
    // The store's clock lets records go; ours decides, in case it comes back with old ones.
    if (given.givenAt + REMEMBERED_CONSENT_SECONDS <= now || given.endsAt <= now) return undefined
    const isOurs = this.#ring.all.some((key) => equalSecrets(mac, this.#macUnder(key, question, given)))
    return isOurs ? given : undefined
  }

  /** Forgets what a person answered to a session's client for its service: they are asked again. */
  async forget(person: Question['person'], session: Pick<Session, 'clientId' | 'resource'>): Promise<void> {
    await this.#redis.del(consentKey(person, session))
  }

  #macUnder(key: OperatorKey, question: Question, given: GivenConsent): string {
    const { person, clientId, clientHash, redirectUri, resource, scope } = question
    const { sessionId, access, lifetime, endsAt, givenAt } = given
    const asked = [person.issuer, person.subject, clientId, clientHash, redirectUri, resource, scope]
    return createHmac('sha256', subkey(this.#ring, key, { purpose: 'given consent' }))
      .update(JSON.stringify([...asked, sessionId, access, lifetime, endsAt, givenAt]))
      .digest('base64url')
  }
}

function consentKey(
  { issuer, subject }: Question['person'],
  { clientId, resource }: Pick<Question, 'clientId' | 'resource'>,
): string {
  return `connect:consent:${sha256(JSON.stringify([issuer, subject, clientId, resource]))}`
}
