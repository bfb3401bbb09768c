import type { AccessTokenClaims, VerifiedToken } from '../../core/tokens/access-token.ts'
import { sha256 } from '../../core/keys/hash.ts'
import type { VerificationKeys } from '../../core/tokens/verification-keys.ts'
import { readAccessToken } from '../../core/tokens/verify-access-token.ts'
import { StrangerLimit } from '../limits/stranger-limit.ts'
import type { Caller } from '../stages/caller.ts'
import { LruMap } from '../limits/lru-map.ts'
import type { NetworksOf } from '../limits/networks-of.ts'
import { Proofs } from './signature-queue.ts'
import { SharedTexts } from '../limits/interned-strings.ts'

/** They have a place of their own, so that no number of them drives out a genuine token. */
const FORGERIES_REMEMBERED = 1000
/** What many tokens say alike. */
const ALIKE = ['iss', 'aud', 'client_id', 'scope'] as const

/** For which service a token was shown, by whom, and whence as Envoy says. */
export interface Showing {
  readonly audience: string
  readonly caller: Caller
  readonly clientAddress: string | undefined
}

export interface TokenVerifierParts {
  readonly issuer: string
  readonly keys: VerificationKeys
  readonly networksOf: NetworksOf
  /** How many genuine tokens are remembered; see memory-limits.ts for what they take. */
  readonly capacity: number
  /** Milliseconds since 1970. */
  readonly nowMs: () => number
  /** Milliseconds that never go backwards, as `performance.now()`. */
  readonly elapsedMs: () => number
}

/**
 * Verifies each access token once: a signature costs a hundred times what a hash does. What is remembered of a
 * token, by its hash, is that it is genuine and what it says; whether that suits the service and the time is asked
 * of every request.
 */
export class TokenVerifier {
  readonly #parts: TokenVerifierParts
  readonly #genuine: LruMap<AccessTokenClaims>
  /** A signature that is none stays none: keys are the same as long as this process lives. */
  readonly #forged = new LruMap<true>(FORGERIES_REMEMBERED)
  readonly #proofs: Proofs
  readonly #strangers: StrangerLimit
  readonly #texts = new SharedTexts()

  constructor(parts: TokenVerifierParts) {
    this.#parts = parts
    this.#genuine = new LruMap(parts.capacity)
    const remember = (key: string, verified: VerifiedToken): void => this.#remember(key, verified)
    this.#strangers = new StrangerLimit(parts.elapsedMs)
    this.#proofs = new Proofs({ elapsedMs: parts.elapsedMs, remember })
  }

  /**
   * Verifies a token for a service's audience. A token's faults are a value, never thrown. Who shows a known one is
   * answered at once; `busy` says that too many others are to be looked at first.
   */
  verify(token: string, shown: Showing): VerifiedToken | 'busy' | Promise<VerifiedToken | 'busy'> {
    const now = Math.floor(this.#parts.nowMs() / 1000)
    const key = sha256(token)
    const claims = this.#genuine.get(key)
    if (claims !== undefined) return this.#judgeAgain(key, claims, { audience: shown.audience, now })
    if (this.#forged.get(key) !== undefined) return { ok: false, fault: 'bad_signature' }

    const { issuer, keys } = this.#parts
    const read = readAccessToken(token, keys, { issuer, audience: shown.audience, now })
    return read.ok ? this.#prove(key, read.prove, shown) : read
  }

  /**
   * An address has a share, which holds only while the queue is busy: before that, forged tokens from an office do
   * not stop its genuine ones. Genuine tokens are refunded, so people behind one address are not limited. A token
   * whose caller hung up is not, or an attacker could fill the queue for free.
   */
  async #prove(key: string, prove: () => VerifiedToken, shown: Showing): Promise<VerifiedToken | 'busy'> {
    const networks = this.#parts.networksOf(shown.clientAddress)
    const isWithinShare = this.#strangers.take(networks)
    if (!isWithinShare && this.#proofs.isBusy()) return 'busy'
    const verified = await this.#proofs.of(key, prove, shown.caller)
    const isRefunded = verified === 'busy' ? !shown.caller.ended : verified.ok
    if (isWithinShare && isRefunded) this.#strangers.giveBack(networks)
    return verified
  }

  #judgeAgain(
    key: string,
    claims: AccessTokenClaims,
    { audience, now }: { readonly audience: string; readonly now: number },
  ): VerifiedToken {
    if (claims.aud !== audience) return { ok: false, fault: 'wrong_audience' }
    if (claims.exp > now) return { ok: true, claims }
    this.#genuine.delete(key)
    return { ok: false, fault: 'expired' }
  }

  #remember(key: string, verified: VerifiedToken): void {
    if (verified.ok) this.#genuine.set(key, this.#texts.shareIn(verified.claims, ALIKE))
    else this.#forged.set(key, true)
  }
}
