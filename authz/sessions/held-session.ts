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
import type { Opened } from '../decide/decide.ts'
import type { SharedTexts } from '../limits/interned-strings.ts'

/** Objects, hashes and places in maps, beside the session's own texts. */
const FRAME_BYTES = 600
/** What many sessions say alike. */
const ALIKE = ['clientId', 'clientName', 'resource', 'scope', 'redirectUri'] as const

/**
 * A session as authz holds it: sealed, until a token of the session has opened its Quilt credential, and with that
 * credential from then on. It never holds both, as most of what a session takes is that one text.
 */
export class HeldSession {
  readonly session: SessionFacts
  /** Names the sealed credential, by its hash: a renewed one is another. */
  readonly seal: string
  /** About what it takes in memory at most: sealed or opened, sharing nothing with others. */
  readonly bytes: number
  #content:
    | { readonly sealedCredential: string }
    /** What opened it is known by its hash alone. */
    | { readonly shareHash: string; readonly opened: { outcome: 'opened'; credential: QuiltCredential } }

  constructor({ sealedCredential, ...facts }: Session, texts: SharedTexts) {
    this.session = texts.shareIn(facts, ALIKE)
    this.seal = sha256(sealedCredential)
    this.bytes = FRAME_BYTES + sealedCredential.length + JSON.stringify(facts).length
    this.#content = { sealedCredential }
  }

  /**
   * The Quilt credential, for who has the share: opened at the first time, from memory after that. No other share
   * than the one that fitted can ever do so.
   *
   * @param share - `k` of a token of this session
   */
  open(ring: KeyRing, share: string): Opened {
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

  /** Whether another reading of the session found the same. */
  isSameAs({ session, seal }: HeldSession): boolean {
    return this.seal === seal && isDeepStrictEqual(this.session, session)
  }
}
