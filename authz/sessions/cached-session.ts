import { isDeepStrictEqual } from 'node:util'
import { sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { keyOf } from '../../core/keys/sealing.ts'
import {
  openCredential,
  type QuiltCredential,
  type Session,
  type SessionFacts,
} from '../../core/sessions/session.ts'
import type { OpenedCredential } from '../decide/decide.ts'
import type { InternedStrings } from '../limits/interned-strings.ts'

/** Objects, hashes and map entries, beside the session's own strings. */
const OVERHEAD_BYTES = 600
/** Members with the same value in many sessions. */
const INTERNED = ['clientId', 'clientName', 'resource', 'scope', 'redirectUri'] as const

/** Contains the sealed Quilt credential or, once a token opened it, the opened one: that text is most of its size. */
export class CachedSession {
  readonly session: SessionFacts
  /** Hash of the sealed credential; it changes when the credential is renewed. */
  readonly seal: string
  readonly bytes: number
  #content:
    | { readonly sealedCredential: string }
    | { readonly shareHash: string; readonly opened: { outcome: 'opened'; credential: QuiltCredential } }

  constructor({ sealedCredential, ...facts }: Session, strings: InternedStrings) {
    this.session = strings.internMembers(facts, INTERNED)
    this.seal = sha256(sealedCredential)
    this.bytes = OVERHEAD_BYTES + sealedCredential.length + JSON.stringify(facts).length
    this.#content = { sealedCredential }
  }

  /** Once opened, only the same share (`k` of a token of this session) returns the credential. */
  open(ring: KeyRing, share: string): OpenedCredential {
    const content = this.#content
    const shareHash = sha256(share)
    if ('opened' in content) {
      return content.shareHash === shareHash ? content.opened : { outcome: 'wrong_share' }
    }
    if (keyOf(ring, content.sealedCredential) === undefined) return { outcome: 'key_missing' }
    const credential = openCredential(ring, { ...this.session, ...content }, share)
    if (credential === undefined) return { outcome: 'wrong_share' }
    const opened = { outcome: 'opened' as const, credential }
    this.#content = { shareHash, opened }
    return opened
  }

  isSameAs({ session, seal }: CachedSession): boolean {
    return this.seal === seal && isDeepStrictEqual(this.session, session)
  }
}
