import { sha256 } from '../../core/keys/hash.ts'
import type { Store } from '../../core/store/redis.ts'

/** Quilt tokens that we obtained, by hash: none of them counts as a session of the catalog; see core/storage.md. */
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

function keyOf(token: string): string {
  return `connect:minted:${sha256(token)}`
}
