import type { JWTVerifyGetKey } from 'jose'
import { verifyAccessToken, type AccessTokenClaims, type VerifiedToken } from '../core/access-token.ts'
import { sha256 } from '../core/hash.ts'
import type { Caller } from './caller.ts'
import { LruMap } from './lru-map.ts'

/** About 1 KiB each. */
const TOKENS_REMEMBERED = 20_000

/**
 * Verifies each access token once: a signature costs a hundred times what a hash does. Only genuine tokens are
 * remembered, by hash and for the audience that they were verified for, and they expire by the clock all the same.
 */
export class TokenVerifier {
  readonly #issuer: string
  readonly #keys: JWTVerifyGetKey
  readonly #nowMs: () => number
  readonly #verified = new LruMap<AccessTokenClaims>(TOKENS_REMEMBERED)

  /** @param nowMs - milliseconds since 1970 */
  constructor(issuer: string, keys: JWTVerifyGetKey, nowMs: () => number) {
    this.#issuer = issuer
    this.#keys = keys
    this.#nowMs = nowMs
  }

  /** Verifies a token for a service's audience. A token's faults are a value, never thrown. */
  async verify(token: string, audience: string, caller: Caller): Promise<VerifiedToken> {
    const now = Math.floor(this.#nowMs() / 1000)
    const key = sha256(`${audience} ${token}`)
    const known = this.#verified.get(key)
    if (known !== undefined) return known.exp > now ? { ok: true, claims: known } : this.#forget(key)

    const verified = await verifyAccessToken(token, this.#keys, { issuer: this.#issuer, audience, now })
    if (verified.ok && !caller.ended) this.#verified.set(key, verified.claims)
    return verified
  }

  #forget(key: string): VerifiedToken {
    this.#verified.delete(key)
    return { ok: false, fault: 'expired' }
  }
}
