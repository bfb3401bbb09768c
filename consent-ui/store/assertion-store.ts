import type { Store } from '../../core/store/redis.ts'

/** Client assertions that were used, by hash; see core/storage.md. */
export class AssertionStore {
  readonly #redis: Store

  constructor(redis: Store) {
    this.#redis = redis
  }

  /** Remembers one; false when it was there before. */
  async use(hash: string, seconds: number): Promise<boolean> {
    return (await this.#redis.set(`connect:assertion:${hash}`, '1', 'EX', seconds, 'NX')) === 'OK'
  }
}
