import { randomSecret } from '../../core/keys/hash.ts'
import { sealCredential, type SessionFacts } from '../../core/sessions/session.ts'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import { describeError } from '../../core/log/describe-error.ts'
import { RENEWAL_FAILURE_MAX_SECONDS } from '../lifetimes.ts'
import { Unavailable } from '../oauth/errors.ts'
import { CredentialRefused, type ObtainedCredential, type Renewal } from '../quilt/credential-source.ts'
import { openRenewal, sealRenewal } from '../quilt/sealed-renewal.ts'
import { endSession } from '../sessions/end-session.ts'
import type { Current, Opened, RenewParts } from './current-credential.ts'

/** Renews a session's credential, for whoever has claimed it. */
export function renewClaimed(parts: RenewParts) {
  /**
   * @returns `unchanged` when there is no other credential; undefined when the session was ended
   * @throws Unavailable when the credential is over, and there may be another one later
   */
  return async function renew(opened: Opened): Promise<Current | 'unchanged' | undefined> {
    const { session } = opened.stored
    try {
      const renewed = await obtain(opened)
      const current = renewed === undefined ? 'unchanged' : await accepted(opened, renewed)
      await parts.renewalFailures.clear(session.id)
      return current
    } catch (error) {
      if (error instanceof MissingKeyError && opened.credential.expiresAt > parts.now()) {
        parts.log.warn({ reason: describeError(error) }, 'a Quilt credential could not be renewed yet')
        return 'unchanged'
      }
      if (!(error instanceof Unavailable)) throw error
      const now = parts.now()
      const { count, since, retryAt } = await parts.renewalFailures.add(session.id, now)
      const retry = { failures: count, retryInSeconds: retryAt - now }
      const about = { reason: describeError(error), client: session.clientName, ...retry }
      parts.log.warn(about, 'a Quilt credential could not be renewed yet')
      const isOver = opened.credential.expiresAt <= now
      if (isOver && now - since < RENEWAL_FAILURE_MAX_SECONDS) throw error
      return 'unchanged'
    }
  }

  /** Asks the source; a refusal is remembered, and it is never asked again for this session. */
  async function obtain({ stored, share }: Opened): Promise<ObtainedCredential | undefined> {
    const { session, sealedRenewal } = stored
    let standing = stored
    const keep = async (renewWith: Renewal): Promise<void> => {
      const sealed = sealRenewal(parts.ring, session, { share, renewWith })
      await parts.sessions.keepRenewal(standing, sealed)
      standing = { ...stored, sealedRenewal: sealed }
    }
    try {
      const renewWith = openRenewal(parts.ring, session, { share, sealed: sealedRenewal ?? '' })
      if (renewWith === undefined) {
        // It was altered in the store. Only its own issuer's refusal removes it.
        throw new Unavailable('the renewal of a session', { hasAnswered: true })
      }
      return await parts.provider.credentials.renew(renewWith, { now: parts.now(), keep })
    } catch (error) {
      if (!(error instanceof CredentialRefused)) throw error
      parts.log.warn({ reason: error.reason, client: session.clientName }, 'a renewal was refused for good')
      await parts.sessions.keepRenewal(standing, undefined)
      return undefined
    }
  }

  /** The new credential must be the same person's, or the session is over. */
  async function accepted(
    { stored, share }: Opened,
    renewed: ObtainedCredential,
  ): Promise<Current | 'unchanged' | undefined> {
    const { session } = stored
    const checkedAt = parts.now()
    const name = await nameOf(renewed)
    if (name !== session.person.name) {
      parts.logouts.begin(renewed.token)
      await endSession(parts, session, 'its credential would be another person’s')
      return undefined
    }
    const facts: SessionFacts = { ...session, checkedAt }
    const credential = { token: renewed.token, expiresAt: renewed.expiresAt }
    const next = sealCredential(parts.ring, facts, { share, credential })
    const change = { session: next, checkedAt, ...sealedRenewalOf(facts, share, renewed) }
    switch (await parts.sessions.replace(stored, change, randomSecret())) {
      case 'replaced':
        return { session: next, credential, isChecked: true }
      case 'changed':
        return 'unchanged'
      case 'gone':
        parts.logouts.begin(renewed.token)
        return undefined
    }
  }

  /** A new credential may not be known everywhere yet: whether its person is active, the one in use tells. */
  async function nameOf(renewed: ObtainedCredential): Promise<string> {
    try {
      return (await parts.registry.whoIs(renewed)).name
    } catch (error) {
      if (!(error instanceof CredentialRefused)) throw error
      throw new Unavailable('the Quilt Registry', { cause: new Error(error.reason), hasAnswered: true })
    }
  }

  function sealedRenewalOf(
    facts: SessionFacts,
    share: string,
    { renewWith }: ObtainedCredential,
  ): { sealedRenewal?: string } {
    if (renewWith === undefined) return {}
    return { sealedRenewal: sealRenewal(parts.ring, facts, { share, renewWith }) }
  }
}
