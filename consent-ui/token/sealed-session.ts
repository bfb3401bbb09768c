import type { KeyRing } from '../../core/keys/keys.ts'
import { keyOf } from '../../core/keys/sealing.ts'
import type { StoredSession } from '../../core/sessions/session-store.ts'
import {
  openCredential,
  sealCredential,
  type QuiltCredential,
  type Session,
  type SessionFacts,
} from '../../core/sessions/session.ts'
import type { Renewal } from '../quilt/credential-source.ts'
import { openRenewal, sealRenewal } from '../quilt/sealed-renewal.ts'

/** A session with its credential, opened with the share `k` of one of its tokens. */
export interface OpenedSession {
  readonly stored: StoredSession
  readonly credential: QuiltCredential
  readonly share: string
}

/** A session with what renews its credential, both sealed. */
interface SealedSession {
  readonly session: Session
  readonly sealedRenewal?: string
}

interface Secrets {
  readonly share: string
  readonly credential: QuiltCredential
  readonly renewWith?: Renewal | undefined
}

export function openSession(ring: KeyRing, stored: StoredSession, share: string): OpenedSession | undefined {
  const credential = openCredential(ring, stored.session, share)
  return credential === undefined ? undefined : { stored, credential, share }
}

/** Seals a session's credential and what renews it, apart: authz never reads the renewal. */
export function sealSession(
  ring: KeyRing,
  facts: SessionFacts,
  { share, credential: { token, expiresAt }, renewWith }: Secrets,
): SealedSession {
  const session = sealCredential(ring, facts, { share, credential: { token, expiresAt } })
  if (renewWith === undefined) return { session }
  return { session, sealedRenewal: sealRenewal(ring, facts, { share, renewWith }) }
}

/** True if a part of the session is sealed under a key other than the current one. */
export function needsResealing(ring: KeyRing, { session, sealedRenewal }: StoredSession): boolean {
  const sealed = [session.sealedCredential, ...(sealedRenewal === undefined ? [] : [sealedRenewal])]
  return sealed.some((value) => keyOf(ring, value) !== ring.current)
}

/** Seals a session again under the current key, so that the operator can remove the old key. */
export function resealSession(ring: KeyRing, { stored, share, credential }: OpenedSession): SealedSession {
  const { session, sealedRenewal } = stored
  const renewWith =
    sealedRenewal === undefined || keyOf(ring, sealedRenewal) === undefined
      ? undefined
      : openRenewal(ring, session, { share, sealed: sealedRenewal })
  const sealed = sealSession(ring, session, { share, credential, renewWith })
  // A renewal that cannot be opened stays: its next use reports the error.
  return sealedRenewal === undefined ? sealed : { sealedRenewal, ...sealed }
}
