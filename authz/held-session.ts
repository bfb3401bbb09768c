import { sha256 } from '../core/hash.ts'
import type { KeyRing } from '../core/keys.ts'
import { keyOf } from '../core/sealing.ts'
import { openCredential, type QuiltCredential, type Session } from '../core/session.ts'
import type { Opened } from './decide/decide.ts'

/** A session as authz holds it: with its Quilt credential, once a token of the session has opened it. */
export class HeldSession {
  readonly session: Session
  /** What opened it is known by its hash alone. */
  #opened: { readonly shareHash: string; readonly credential: QuiltCredential } | undefined

  constructor(session: Session) {
    this.session = session
  }

  /**
   * The Quilt credential, for who has the share: opened at the first time, from memory after that. Another
   * share is tried against the seal, and changes nothing where it does not fit.
   *
   * @param share - `k` of a token of this session
   */
  open(ring: KeyRing, share: string): Opened {
    const shareHash = sha256(share)
    if (this.#opened?.shareHash === shareHash) {
      return { outcome: 'opened', credential: this.#opened.credential }
    }
    if (keyOf(ring, this.session.sealedCredential) === undefined) return { outcome: 'key_missing' }
    const credential = openCredential(ring, this.session, share)
    if (credential === undefined) return { outcome: 'wrong_share' }
    this.#opened = { shareHash, credential }
    return { outcome: 'opened', credential }
  }
}
