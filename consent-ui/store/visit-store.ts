import { sha256 } from '../../core/hash.ts'
import type { Store } from '../../core/redis.ts'
import { SIGN_IN_ATTEMPT_SECONDS } from '../lifetimes.ts'

/** What a browser visits the identity provider for: where it goes once somebody has signed in. */
export type Errand =
  | { readonly to: 'transaction'; readonly id: string }
  /** The connected applications, in the browser with this id. */
  | { readonly to: 'apps'; readonly browserId: string }

/** Visits to the identity provider that have begun, by their `state`; see core/storage.md. */
export class VisitStore {
  readonly #redis: Store

  constructor(redis: Store) {
    this.#redis = redis
  }

  async begin(state: string, errand: Errand): Promise<void> {
    await this.#redis.set(visitKey(state), JSON.stringify(errand), 'EX', SIGN_IN_ATTEMPT_SECONDS)
  }

  /** The errand of a visit, once; undefined for a state that is used, too old, or not ours. */
  async finish(state: string): Promise<Errand | undefined> {
    const errand = await this.#redis.getdel(visitKey(state))
    return errand === null ? undefined : (JSON.parse(errand) as Errand)
  }
}

function visitKey(state: string): string {
  return `connect:sign-in:${sha256(state)}`
}
