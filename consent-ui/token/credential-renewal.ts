import { randomSecret } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { QuiltCredential, Session, SessionFacts } from '../../core/sessions/session.ts'
import { RENEWAL_FAILURE_MAX_SECONDS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import { CredentialRefused, type ObtainedCredential, type Renewal } from '../quilt/credential-source.ts'
import type { CredentialProvider } from '../quilt/credential-provider.ts'
import type { Logouts } from '../quilt/logouts.ts'
import type { Registry } from '../quilt/registry.ts'
import { openRenewal, sealRenewal } from '../quilt/sealed-renewal.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import type { RenewalFailureStore } from '../store/renewal-failures.ts'
import { sealSession, type OpenedSession } from './sealed-session.ts'

interface CredentialRenewalDependencies {
  readonly ring: KeyRing
  readonly sessions: SessionStore
  readonly provider: CredentialProvider
  readonly registry: Registry
  readonly ender: SessionEnder
  readonly logouts: Logouts
  readonly renewalFailures: RenewalFailureStore
  readonly log: Log
  readonly now: () => number
}

/** A session with a Quilt credential that has not expired. */
export interface CurrentCredential {
  readonly session: Session
  readonly credential: QuiltCredential
  /** The Registry has just confirmed that the user is active. */
  readonly isChecked: boolean
}

/** Renews Quilt credentials, for the process that has claimed the session's renewal. */
export class CredentialRenewal {
  readonly #dependencies: CredentialRenewalDependencies

  constructor(dependencies: CredentialRenewalDependencies) {
    this.#dependencies = dependencies
  }

  /** @returns `unchanged` without a new credential; undefined if the session ended. @throws Unavailable */
  async renew(opened: OpenedSession): Promise<CurrentCredential | 'unchanged' | undefined> {
    const { renewalFailures, log, now } = this.#dependencies
    const { session } = opened.stored
    try {
      const renewed = await this.#obtain(opened)
      const current = renewed === undefined ? 'unchanged' : await this.#store(opened, renewed)
      await renewalFailures.clear(session.id)
      return current
    } catch (error) {
      if (error instanceof MissingKeyError && opened.credential.expiresAt > now()) {
        log.warn({ reason: describeError(error) }, 'Quilt credential not renewed yet')
        return 'unchanged'
      }
      if (!(error instanceof Unavailable)) throw error
      return await this.#retryLater(opened, error)
    }
  }

  /** @throws Unavailable while the expired credential may still be renewed */
  async #retryLater({ stored, credential }: OpenedSession, error: Unavailable): Promise<'unchanged'> {
    const { renewalFailures, log } = this.#dependencies
    const now = this.#dependencies.now()
    const { count, since, retryAt } = await renewalFailures.add(stored.session.id, now)
    const retry = { failures: count, retryInSeconds: retryAt - now }
    const about = { reason: describeError(error), client: stored.session.clientName, ...retry }
    log.warn(about, 'Quilt credential not renewed yet')
    if (credential.expiresAt <= now && now - since < RENEWAL_FAILURE_MAX_SECONDS) throw error
    return 'unchanged'
  }

  /** Asks the source for a new credential; after a refusal, never again for this session. */
  async #obtain({ stored, share }: OpenedSession): Promise<ObtainedCredential | undefined> {
    const { ring, sessions, provider, log, now } = this.#dependencies
    const { session, sealedRenewal } = stored
    let latest = stored
    const keep = async (renewWith: Renewal): Promise<void> => {
      const sealed = sealRenewal(ring, session, { share, renewWith })
      await sessions.keepRenewal(latest, sealed)
      latest = { ...stored, sealedRenewal: sealed }
    }
    try {
      const renewWith = openRenewal(ring, session, { share, sealed: sealedRenewal ?? '' })
      if (renewWith === undefined) {
        // The record was changed in Redis. Only a refusal by the credential's issuer removes a renewal.
        throw new Unavailable('the session store', { hasAnswered: true })
      }
      return await provider.credentials.renew(renewWith, { now: now(), keep })
    } catch (error) {
      if (!(error instanceof CredentialRefused)) throw error
      log.warn({ reason: error.reason, client: session.clientName }, 'credential renewal refused for good')
      await sessions.keepRenewal(latest, undefined)
      return undefined
    }
  }

  /** Stores the new credential; a credential of another user ends the session. */
  async #store(
    { stored, share }: OpenedSession,
    renewed: ObtainedCredential,
  ): Promise<CurrentCredential | 'unchanged' | undefined> {
    const { ring, sessions, ender, logouts } = this.#dependencies
    const { session } = stored
    const checkedAt = this.#dependencies.now()
    const name = await this.#userNameOf(renewed)
    if (name !== session.person.name) {
      logouts.begin(renewed.token)
      await ender.endForReason(session, 'another_user', 'its renewed credential belongs to another user')
      return undefined
    }
    const facts: SessionFacts = { ...session, checkedAt }
    const credential = { token: renewed.token, expiresAt: renewed.expiresAt }
    const sealed = sealSession(ring, facts, { share, credential, renewWith: renewed.renewWith })
    switch (await sessions.replace(stored, { ...sealed, checkedAt }, randomSecret())) {
      case 'replaced':
        return { session: sealed.session, credential, isChecked: true }
      case 'changed':
        return 'unchanged'
      case 'gone':
        logouts.begin(renewed.token)
        return undefined
    }
  }

  /** A refusal here may be a delay in the Registry: only a check of the credential in use ends sessions. */
  async #userNameOf(renewed: ObtainedCredential): Promise<string> {
    try {
      return (await this.#dependencies.registry.whoIs(renewed)).name
    } catch (error) {
      if (!(error instanceof CredentialRefused)) throw error
      throw new Unavailable('the Quilt Registry', { cause: new Error(error.reason), hasAnswered: true })
    }
  }
}
