import { randomSecret } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { keyOf } from '../../core/keys/sealing.ts'
import type { StoredSession } from '../../core/sessions/session-store.ts'
import { sealCredential } from '../../core/sessions/session.ts'
import { openRenewal, sealRenewal } from '../quilt/sealed-renewal.ts'
import type { Opened, RenewParts } from './current-credential.ts'

/** Whether something of a session is sealed under a key that is on its way out. */
export function needsResealing(ring: KeyRing, { session, sealedRenewal }: StoredSession): boolean {
  const sealed = [session.sealedCredential, ...(sealedRenewal === undefined ? [] : [sealedRenewal])]
  return sealed.some((value) => keyOf(ring, value) !== ring.current)
}

/**
 * Seals a session anew under the current key, so that the ones before can go while it lives. For whoever has
 * claimed its renewal: what renews it must not change in between.
 */
export function resealClaimed(parts: RenewParts) {
  /** @returns the session as it is now, whoever else has changed it */
  return async function reseal(opened: Opened): Promise<Opened> {
    const { stored, share, credential } = opened
    if (!needsResealing(parts.ring, stored)) return opened
    const session = sealCredential(parts.ring, stored.session, { share, credential })
    const checkedAt = session.checkedAt ?? session.createdAt
    const change = { session, checkedAt, ...resealedRenewal(opened) }
    const result = await parts.sessions.replace(stored, change, randomSecret())
    return result === 'replaced' ? { ...opened, stored: { ...stored, session } } : opened
  }

  /** What cannot be opened stays as it is: its next use says so. */
  function resealedRenewal({ stored, share }: Opened): { sealedRenewal?: string } {
    const { session, sealedRenewal } = stored
    if (sealedRenewal === undefined) return {}
    if (keyOf(parts.ring, sealedRenewal) === undefined) return { sealedRenewal }
    const renewWith = openRenewal(parts.ring, session, { share, sealed: sealedRenewal })
    if (renewWith === undefined) return { sealedRenewal }
    return { sealedRenewal: sealRenewal(parts.ring, session, { share, renewWith }) }
  }
}
