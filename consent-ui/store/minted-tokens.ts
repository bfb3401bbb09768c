import { sha256 } from '../../core/keys/hash.ts'
import type { Store } from '../../core/store/redis.ts'

/** Quilt tokens that we obtained, by hash: none of them is a session of the catalog; see core/storage.md. */
export class MintedTokens {
  readonly #redis: Store

  constructor(redis: Store) {
    this.#redis = redis
  }

  async add(token: string, seconds: number): Promise<void> {
    await this.#redis.set(keyOf(token), '1', 'EX', Math.max(1, seconds))
  }

  async has(token: string): Promise<boolean> {
    return (await this.#redis.exists(keyOf(token))) === 1
  }
}

/**
 * By what the signature covers, byte for byte (RFC 7515 section 5.2): a signature can be spelled in several ways, since
 * many decoders ignore padding and unused bits.
 */
function keyOf(token: string): string {
  const [header, payload] = token.split('.')
  return `connect:obtained:${sha256(payload === undefined ? token : `${header}.${payload}`)}`
}
