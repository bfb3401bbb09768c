import { LRUCache } from 'lru-cache'
import type { AccessTokenClaims, VerifiedToken } from '../../core/tokens/access-token.ts'
import { sha256 } from '../../core/keys/hash.ts'
import type { VerificationKeys } from '../../core/tokens/verification-keys.ts'
import { readAccessToken } from '../../core/tokens/verify-access-token.ts'
import type { Caller } from '../limits/caller.ts'
import { NetworkLimit, type NetworksOf } from '../limits/network-limit.ts'
import { InternedStrings } from '../limits/interned-strings.ts'
import { SignatureQueue } from './signature-queue.ts'

/** Forged tokens have their own cache, so they never evict genuine ones. */
const MAX_FORGED = 1000
const INTERNED = ['iss', 'aud', 'client_id', 'scope'] as const

export interface TokenOrigin {
  readonly audience: string
  readonly caller: Caller
  readonly clientAddress: string | undefined
}

export interface TokenVerifierOptions {
  readonly issuer: string
  readonly keys: VerificationKeys
  readonly networksOf: NetworksOf
  readonly capacity: number
  readonly nowMs: () => number
  readonly elapsedMs: () => number
}

/** Verifies each signature once and caches the claims by the token's hash: a signature costs a hundred hashes. */
export class TokenVerifier {
  readonly #options: TokenVerifierOptions
  readonly #genuine: LRUCache<string, AccessTokenClaims>
  /** Keys change only with a restart, so a forged token stays forged. */
  readonly #forged = new LRUCache<string, true>({ max: MAX_FORGED })
  readonly #queue: SignatureQueue
  readonly #limit: NetworkLimit
  readonly #strings = new InternedStrings()

  constructor(options: TokenVerifierOptions) {
    this.#options = options
    this.#genuine = new LRUCache({ max: options.capacity })
    this.#limit = new NetworkLimit(options.elapsedMs)
    this.#queue = new SignatureQueue({
      elapsedMs: options.elapsedMs,
      remember: (key, verified) => this.#remember(key, verified),
    })
  }

  /**
   * Verifies a token for a service's audience; its faults are values, never thrown. Known tokens are answered at once;
   * `busy` means that too many new ones wait.
   */
  verify(token: string, origin: TokenOrigin): VerifiedToken | 'busy' | Promise<VerifiedToken | 'busy'> {
    const now = Math.floor(this.#options.nowMs() / 1000)
    const key = sha256(token)
    const claims = this.#genuine.get(key)
    if (claims !== undefined) return this.#judgeKnown(key, claims, { audience: origin.audience, now })
    if (this.#forged.get(key) !== undefined) return { ok: false, fault: 'bad_signature' }

    const { issuer, keys } = this.#options
    const read = readAccessToken(token, keys, { issuer, audience: origin.audience, now })
    return read.ok ? this.#verifySignature(key, read.verifySignature, origin) : read
  }

  /**
   * Each network's share counts only while the queue is busy. Valid tokens are refunded, so users behind one NAT are
   * not limited. Tokens whose caller hung up are not, or an attacker could fill the queue for free.
   */
  async #verifySignature(
    key: string,
    verify: () => VerifiedToken,
    { caller, clientAddress }: TokenOrigin,
  ): Promise<VerifiedToken | 'busy'> {
    const networks = this.#options.networksOf(clientAddress)
    const isWithinShare = this.#limit.take(networks)
    if (!isWithinShare && this.#queue.isBusy()) return 'busy'
    const verified = await this.#queue.enqueue(key, verify, caller)
    const isRefunded = verified === 'busy' ? !caller.isGone : verified.ok
    if (isWithinShare && isRefunded) this.#limit.refund(networks)
    return verified
  }

  #judgeKnown(
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
    if (verified.ok) this.#genuine.set(key, this.#strings.internMembers(verified.claims, INTERNED))
    else this.#forged.set(key, true)
  }
}
