import { setTimeout } from 'node:timers/promises'
import { randomSecret } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { SessionStore } from '../../core/sessions/session-store.ts'
import type { BackgroundWork } from '../http/background-work.ts'
import {
  RENEWAL_CLAIM_MS,
  RENEWAL_FAILURE_MAX_SECONDS,
  RENEWAL_POLL_MS,
  RENEWAL_WAIT_MS,
} from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import type { SessionEnder } from '../sessions/session-ender.ts'
import type { RenewalFailureStore } from '../store/renewal-failures.ts'
import type { CredentialRenewal, CurrentCredential } from './credential-renewal.ts'
import { needsResealing, openSession, resealSession, type OpenedSession } from './sealed-session.ts'

interface CurrentCredentialsDependencies {
  readonly ring: KeyRing
  readonly sessions: SessionStore
  readonly ender: SessionEnder
  readonly renewalFailures: RenewalFailureStore
  readonly credentialRenewal: CredentialRenewal
  readonly inBackground: BackgroundWork
  readonly accessTokenSeconds: number
  readonly now: () => number
}

/** One process renews before expiry; others use the old credential. A renewal outlives its token request. */
export class CurrentCredentials {
  readonly #dependencies: CurrentCredentialsDependencies

  constructor(dependencies: CurrentCredentialsDependencies) {
    this.#dependencies = dependencies
  }

  /** @returns undefined if the session ended. @throws Unavailable if its credential expired and is not renewed now */
  async currentCredential(id: string, share: string): Promise<CurrentCredential | undefined> {
    const { sessions, inBackground } = this.#dependencies
    const opened = await this.#open(id, share)
    if (opened === undefined || !this.#needsWork(opened) || (await this.#isBackingOff(opened))) {
      return await this.#withoutRenewal(opened)
    }
    const owner = randomSecret()
    if (!(await sessions.claimRenewal(id, owner, RENEWAL_CLAIM_MS))) {
      return this.#isLive(opened) ? await this.#withoutRenewal(opened) : await this.#waitForOther(id, share)
    }
    return await inBackground.within(RENEWAL_WAIT_MS, {
      name: 'credential renewal',
      work: this.#renewClaimed(id, share).finally(() => this.#release(id, owner)),
      meanwhile: async () => await this.#withoutRenewal(await this.#open(id, share)),
    })
  }

  async #renewClaimed(id: string, share: string): Promise<CurrentCredential | undefined> {
    // Another process may have renewed it before the claim.
    const opened = await this.#open(id, share)
    if (opened === undefined) return undefined
    if (!this.#needsRenewal(opened)) return await this.#withoutRenewal(await this.#reseal(opened))
    const renewed = await this.#dependencies.credentialRenewal.renew(opened)
    return renewed === 'unchanged' ? await this.#withoutRenewal(await this.#open(id, share)) : renewed
  }

  async #reseal(opened: OpenedSession): Promise<OpenedSession> {
    const { ring, sessions } = this.#dependencies
    const { stored } = opened
    if (!needsResealing(ring, stored)) return opened
    const sealed = resealSession(ring, opened)
    const checkedAt = stored.session.checkedAt ?? stored.session.createdAt
    const result = await sessions.replace(stored, { ...sealed, checkedAt }, randomSecret())
    return result === 'replaced' ? { ...opened, stored: { ...stored, session: sealed.session } } : opened
  }

  /** If Redis fails now, the claim expires. */
  async #release(id: string, owner: string): Promise<void> {
    await this.#dependencies.sessions.releaseRenewal(id, owner).catch(() => undefined)
  }

  async #isBackingOff(opened: OpenedSession): Promise<boolean> {
    if (!this.#needsRenewal(opened)) return false
    const failures = await this.#dependencies.renewalFailures.find(opened.stored.session.id)
    return failures !== undefined && this.#dependencies.now() < failures.retryAt
  }

  async #open(id: string, share: string): Promise<OpenedSession | undefined> {
    const { ring, sessions } = this.#dependencies
    const stored = await sessions.findWhole(id)
    return stored === undefined ? undefined : openSession(ring, stored, share)
  }

  #needsWork(opened: OpenedSession): boolean {
    return this.#needsRenewal(opened) || needsResealing(this.#dependencies.ring, opened.stored)
  }

  /** Two token lifetimes ahead: a client that refreshes just before expiry gets a token of full lifetime. */
  #needsRenewal({ stored, credential }: OpenedSession): boolean {
    const { accessTokenSeconds, now } = this.#dependencies
    const isAboutToExpire = credential.expiresAt - now() < 2 * accessTokenSeconds
    return isAboutToExpire && stored.sealedRenewal !== undefined
  }

  #isLive({ credential }: OpenedSession): boolean {
    return credential.expiresAt > this.#dependencies.now()
  }

  /** Uses the credential as it is; an expired one ends its session if nothing renews it any more. */
  async #withoutRenewal(opened: OpenedSession | undefined): Promise<CurrentCredential | undefined> {
    if (opened === undefined) return undefined
    const { stored, credential } = opened
    if (this.#isLive(opened)) return { session: stored.session, credential, isChecked: false }
    if (this.#needsRenewal(opened) && !(await this.#hasFailedTooLong(stored.session.id))) {
      throw new Unavailable('the Quilt Registry')
    }
    await this.#dependencies.ender.endForReason(
      stored.session,
      'credential_expired',
      'its credential has expired',
    )
    return undefined
  }

  async #hasFailedTooLong(id: string): Promise<boolean> {
    const { renewalFailures, now } = this.#dependencies
    const failures = await renewalFailures.find(id)
    return failures !== undefined && now() - failures.since >= RENEWAL_FAILURE_MAX_SECONDS
  }

  async #waitForOther(id: string, share: string): Promise<CurrentCredential | undefined> {
    for (let waitedMs = 0; waitedMs < RENEWAL_WAIT_MS; waitedMs += RENEWAL_POLL_MS) {
      await setTimeout(RENEWAL_POLL_MS)
      const opened = await this.#open(id, share)
      if (opened === undefined || this.#isLive(opened) || !this.#needsRenewal(opened)) {
        return await this.#withoutRenewal(opened)
      }
    }
    throw new Unavailable('the Quilt Registry')
  }
}
