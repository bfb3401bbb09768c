import { createHmac } from 'node:crypto'
import { equalSecrets, sha256 } from '../../core/keys/hash.ts'
import { subkey, type KeyRing, type OperatorKey } from '../../core/keys/keys.ts'
import { readRecord, writeRecord } from '../../core/store/record.ts'
import type { Store } from '../../core/store/redis.ts'
import type { Session } from '../../core/sessions/session.ts'
import type { Grant } from '../consent/offer.ts'
import { REMEMBERED_CONSENT_SECONDS } from '../lifetimes.ts'
import type { SignedIn } from '../provider/signed-in.ts'

/** Everything that a user's answer depended on. */
export interface ConsentRequest {
  readonly person: Pick<SignedIn, 'issuer' | 'subject'>
  readonly clientId: string
  /** Changes with the client's document. */
  readonly clientHash: string
  readonly redirectUri: string
  /** The canonical audience of the service. */
  readonly resource: string
  readonly scope: string
}

/** A user's answer, with the id of its session. */
export interface GivenConsent extends Grant {
  readonly sessionId: string
}

/** The last consent of each user, client and service. The MAC stops an attacker who can write to Redis. */
export class ConsentStore {
  readonly #redis: Store
  readonly #ring: KeyRing

  constructor(redis: Store, ring: KeyRing) {
    this.#redis = redis
    this.#ring = ring
  }

  /** Remembers an answer for {@link REMEMBERED_CONSENT_SECONDS}, at most until the grant ends. */
  async remember(question: ConsentRequest, given: GivenConsent, now: number): Promise<void> {
    const until = Math.min(given.givenAt + REMEMBERED_CONSENT_SECONDS, given.endsAt)
    if (until <= now) return
    const { sessionId, access, lifetime, endsAt, givenAt } = given
    const mac = this.#macUnder(this.#ring.current, question, given)
    const record = writeRecord({ sessionId, access, lifetime, endsAt, givenAt, mac })
    await this.#redis.set(consentKey(question.person, question), record, 'EX', until - now)
  }

  /** @returns undefined for an expired answer, or one to another request */
  async find(question: ConsentRequest, now: number): Promise<GivenConsent | undefined> {
    const record = await this.#redis.get(consentKey(question.person, question))
    if (record === null) return undefined
    const { mac, ...given } = readRecord(record) as GivenConsent & { mac: string }
    // Our clock decides: a restored Redis may bring back expired records.
    if (given.givenAt + REMEMBERED_CONSENT_SECONDS <= now || given.endsAt <= now) return undefined
    const isOurs = this.#ring.all.some((key) => equalSecrets(mac, this.#macUnder(key, question, given)))
    return isOurs ? given : undefined
  }

  async forget(
    person: ConsentRequest['person'],
    session: Pick<Session, 'clientId' | 'resource'>,
  ): Promise<void> {
    await this.#redis.del(consentKey(person, session))
  }

  #macUnder(key: OperatorKey, question: ConsentRequest, given: GivenConsent): string {
    const { person, clientId, clientHash, redirectUri, resource, scope } = question
    const { sessionId, access, lifetime, endsAt, givenAt } = given
    const asked = [person.issuer, person.subject, clientId, clientHash, redirectUri, resource, scope]
    return createHmac('sha256', subkey(this.#ring, key, { purpose: 'given consent' }))
      .update(JSON.stringify([...asked, sessionId, access, lifetime, endsAt, givenAt]))
      .digest('base64url')
  }
}

function consentKey(
  { issuer, subject }: ConsentRequest['person'],
  { clientId, resource }: Pick<ConsentRequest, 'clientId' | 'resource'>,
): string {
  return `connect:consent:${sha256(JSON.stringify([issuer, subject, clientId, resource]))}`
}
