import { setTimeout } from 'node:timers/promises'
import { randomSecret } from '../../core/hash.ts'
import { openCredential } from '../../core/session.ts'
import { RENEWAL_CLAIM_MS, RENEWAL_POLL_MS, RENEWAL_WAIT_MS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import type { Current, Opened, RenewParts } from './current-credential.ts'
import { endSession } from './end-session.ts'
import { renewClaimed } from './renew-claimed.ts'
import { needsResealing, resealClaimed } from './reseal.ts'

/** Renews a session's credential when it is about to end: one process alone, while the others use the one there is. */
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
    const owner = randomSecret()
    if (!(await parts.sessions.claimRenewal(id, owner, RENEWAL_CLAIM_MS))) {
      return lives(opened) ? await asItIs(opened) : await another(id, share)
    }
    try {
      // Somebody may have renewed it since it was read.
      const again = await open(id, share)
      if (again === undefined) return undefined
      if (!needsRenewal(again)) return await asItIs(await reseal(again))
      const renewed = await renew(again)
      return renewed === 'unchanged' ? await asItIs(await open(id, share)) : renewed
    } finally {
      // Where the store fails now, the claim ends by itself.
      await parts.sessions.releaseRenewal(id, owner).catch(() => undefined)
    }
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

  /** A credential that is over, and that nothing renews any more, ends its session. */
  async function asItIs(opened: Opened | undefined): Promise<Current | undefined> {
    if (opened === undefined) return undefined
    const { stored, credential } = opened
    if (lives(opened)) return { session: stored.session, credential, isChecked: false }
    if (needsRenewal(opened)) throw new Unavailable('the Quilt Registry')
    await endSession(parts, stored.session, 'its credential is over')
    return undefined
  }

  /** Waits for the credential that somebody else is getting. */
  async function another(id: string, share: string): Promise<Current | undefined> {
    for (let waitedMs = 0; waitedMs < RENEWAL_WAIT_MS; waitedMs += RENEWAL_POLL_MS) {
      await setTimeout(RENEWAL_POLL_MS)
      const opened = await open(id, share)
      if (opened === undefined || lives(opened) || !needsRenewal(opened)) return await asItIs(opened)
    }
    throw new Unavailable('the Quilt Registry')
  }
}
