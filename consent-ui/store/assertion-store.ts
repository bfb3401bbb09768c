import type { Store } from '../../core/store/redis.ts'
import type { Rollbacks } from '../../core/store/rollback-guard.ts'

/** Used assertions of clients and of the identity provider, and logout tokens, by hash; see core/storage.md. */
export class AssertionStore {
  readonly #redis: Store
  readonly #rollbacks: Rollbacks

  constructor(redis: Store, rollbacks: Rollbacks) {
    this.#redis = redis
    this.#rollbacks = rollbacks
  }

  async isUsed(hash: string): Promise<boolean> {
    return (await this.#redis.exists(keyOf(hash))) === 1
  }

  /** @returns false if it was used before */
  async use(hash: string, seconds: number): Promise<boolean> {
    return (await this.#redis.set(keyOf(hash), '1', 'EX', seconds, 'NX')) === 'OK'
  }

  /** For an assertion that {@link use} has just marked: it may be used again. */
  async giveBack(hash: string): Promise<void> {
    await this.#redis.del(keyOf(hash))
  }

  /** True if Redis was rolled back after `since` (seconds since 1970), and may have lost this use. */
  async isRolledBack(hash: string, since: number): Promise<boolean> {
    await this.#rollbacks.requireChecked(keyOf(hash))
    const { endedUntil } = this.#rollbacks
    // Written so that NaN counts as before.
    return endedUntil > 0 && !(since > endedUntil)
  }
}

function keyOf(hash: string): string {
  return `connect:assertion:${hash}`
}
