import { sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import type { Store } from '../../core/store/redis.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import { SIGN_IN_ATTEMPT_SECONDS } from '../lifetimes.ts'

/** What a browser visits the identity provider for: where it goes once the person has signed in. */
export type Errand = (
  | { readonly to: 'transaction'; readonly id: string }
  /** The connected applications, in the browser with this id. */
  | { readonly to: 'apps'; readonly browserId: string }
) & {
  /** The provider was asked to let the person choose an account. */
  readonly choosesAccount?: boolean
}

/** Visits to the identity provider by their `state`, under which each is sealed; see core/storage.md. */
export class VisitStore {
  readonly #redis: Store
  readonly #ring: KeyRing

  constructor(redis: Store, ring: KeyRing) {
    this.#redis = redis
    this.#ring = ring
  }

  async begin(state: string, errand: Errand): Promise<void> {
    const sealed = seal(this.#ring, binding(state), JSON.stringify(errand))
    await this.#redis.set(visitKey(state), sealed, 'EX', SIGN_IN_ATTEMPT_SECONDS)
  }

  /** The errand of a visit, returned or not; undefined for a state that is too old, or not ours. */
  async find(state: string): Promise<Errand | undefined> {
    const sealed = await this.#redis.get(visitKey(state))
    const errand = sealed === null ? undefined : openStored(this.#ring, binding(state), sealed)
    return errand === undefined ? undefined : (JSON.parse(errand) as Errand)
  }

  /** The browser is back. @returns true the first time only */
  async markReturned(state: string): Promise<boolean> {
    const key = `${visitKey(state)}:returned`
    return (await this.#redis.set(key, '1', 'EX', SIGN_IN_ATTEMPT_SECONDS, 'NX')) === 'OK'
  }
}

function binding(state: string): Binding {
  return { purpose: 'visit to the identity provider', share: Buffer.from(state), context: [] }
}

function visitKey(state: string): string {
  return `connect:sign-in:${sha256(state)}`
}
