import type { KeyRing } from '../../core/keys/keys.ts'
import { openStored, seal } from '../../core/keys/sealing.ts'
import { readRecord, writeRecord } from '../../core/store/record.ts'
import { sessionBinding, type SessionFacts } from '../../core/sessions/session.ts'
import type { Renewal } from './credential-source.ts'

const PURPOSE = 'session renewal'

/** Seals a session's renewal apart from its credential, so that authz never decrypts it. */
export function sealRenewal(
  ring: KeyRing,
  session: SessionFacts,
  secrets: { readonly share: string; readonly renewWith: Renewal },
): string {
  return seal(ring, sessionBinding(PURPOSE, session, secrets.share), writeRecord(secrets.renewWith))
}

/** Decrypts it with the share of one of the session's tokens; undefined if anything does not match. */
export function openRenewal(
  ring: KeyRing,
  session: SessionFacts,
  { share, sealed }: { readonly share: string; readonly sealed: string },
): Renewal | undefined {
  const plaintext = openStored(ring, sessionBinding(PURPOSE, session, share), sealed)
  return plaintext === undefined ? undefined : (readRecord(plaintext) as Renewal)
}
