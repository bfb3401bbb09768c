import type { Store } from '../../core/store/redis.ts'

/** Used client assertions by hash; see core/storage.md. */
export class AssertionStore {
  readonly #redis: Store

  constructor(redis: Store) {
    this.#redis = redis
  }

  /** @returns false if the assertion was used before */
  async use(hash: string, seconds: number): Promise<boolean> {
    return (await this.#redis.set(`connect:assertion:${hash}`, '1', 'EX', seconds, 'NX')) === 'OK'
  }
}
