import { setTimeout } from 'node:timers/promises'
import { randomSecret } from '../../core/keys/hash.ts'
import { openCredential } from '../../core/sessions/session.ts'
import {
  RENEWAL_CLAIM_MS,
  RENEWAL_FAILURE_MAX_SECONDS,
  RENEWAL_POLL_MS,
  RENEWAL_WAIT_MS,
} from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import type { Current, Opened, RenewParts } from './current-credential.ts'
import { endSession } from '../sessions/end-session.ts'
import { renewClaimed } from './renew-claimed.ts'
import { needsResealing, resealClaimed } from './reseal.ts'

/**
 * Renews a session's credential when it is about to end: in one process, while others use the one there is. The
 * renewal goes on when its token request no longer waits, since its answer may be the only one that renews the next.
 */
export function keepCurrent(parts: RenewParts) {
  const renew = renewClaimed(parts)
  const reseal = resealClaimed(parts)

  /**
   * @returns undefined when the session is over
   * @throws Unavailable when its credential is over, and cannot be renewed just now
   */
  return async function currentCredential(id: string, share: string): Promise<Current | undefined> {
    const opened = await open(id, share)
    if (opened === undefined || !needsWork(opened)) return await asItIs(opened)
    if (await isBackingOff(opened)) return await asItIs(opened)
    const owner = randomSecret()
    if (!(await parts.sessions.claimRenewal(id, owner, RENEWAL_CLAIM_MS))) {
      return lives(opened) ? await asItIs(opened) : await another(id, share)
    }
    return await parts.inBackground.within(RENEWAL_WAIT_MS, {
      name: 'credential renewal',
      work: claimed(id, share).finally(() => release(id, owner)),
      meanwhile: async () => await asItIs(await open(id, share)),
    })
  }

  async function claimed(id: string, share: string): Promise<Current | undefined> {
    // Another process may have renewed it since it was read.
    const again = await open(id, share)
    if (again === undefined) return undefined
    if (!needsRenewal(again)) return await asItIs(await reseal(again))
    const renewed = await renew(again)
    return renewed === 'unchanged' ? await asItIs(await open(id, share)) : renewed
  }

  /** Where the store fails now, the claim ends by itself. */
  async function release(id: string, owner: string): Promise<void> {
    await parts.sessions.releaseRenewal(id, owner).catch(() => undefined)
  }

  async function isBackingOff(opened: Opened): Promise<boolean> {
    if (!needsRenewal(opened)) return false
    const failures = await parts.renewalFailures.find(opened.stored.session.id)
    return failures !== undefined && parts.now() < failures.retryAt
  }

  async function open(id: string, share: string): Promise<Opened | undefined> {
    const stored = await parts.sessions.findWhole(id)
    const credential = stored === undefined ? undefined : openCredential(parts.ring, stored.session, share)
    return stored === undefined || credential === undefined ? undefined : { stored, credential, share }
  }

  function needsWork(opened: Opened): boolean {
    return needsRenewal(opened) || needsResealing(parts.ring, opened.stored)
  }

  /** Twice, so that a client that comes before its token ends finds one that lives as long as the next. */
  function needsRenewal({ stored, credential }: Opened): boolean {
    const isAboutToEnd = credential.expiresAt - parts.now() < 2 * parts.accessTokenSeconds
    return isAboutToEnd && stored.sealedRenewal !== undefined
  }

  function lives({ credential }: Opened): boolean {
    return credential.expiresAt > parts.now()
  }

  /** A credential that is over ends its session where nothing renews it, or renewals have failed for too long. */
  async function asItIs(opened: Opened | undefined): Promise<Current | undefined> {
    if (opened === undefined) return undefined
    const { stored, credential } = opened
    if (lives(opened)) return { session: stored.session, credential, isChecked: false }
    if (needsRenewal(opened) && !(await hasFailedForTooLong(stored.session.id))) {
      throw new Unavailable('the Quilt Registry')
    }
    await endSession(parts, stored.session, 'its credential is over')
    return undefined
  }

  async function hasFailedForTooLong(id: string): Promise<boolean> {
    const failures = await parts.renewalFailures.find(id)
    return failures !== undefined && parts.now() - failures.since >= RENEWAL_FAILURE_MAX_SECONDS
  }

  /** Waits for the credential that another process is getting. */
  async function another(id: string, share: string): Promise<Current | undefined> {
    for (let waitedMs = 0; waitedMs < RENEWAL_WAIT_MS; waitedMs += RENEWAL_POLL_MS) {
      await setTimeout(RENEWAL_POLL_MS)
      const opened = await open(id, share)
      if (opened === undefined || lives(opened) || !needsRenewal(opened)) return await asItIs(opened)
    }
    throw new Unavailable('the Quilt Registry')
  }
}
