import { sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import { readRecord, writeRecord } from '../../core/store/record.ts'
import type { Store } from '../../core/store/redis.ts'
import { SIGN_IN_ATTEMPT_SECONDS } from '../lifetimes.ts'

/** The page that a login at the identity provider returns to. */
export type LoginPurpose = (
  | { readonly to: 'transaction'; readonly id: string }
  /** The connected applications, or the administrators' page, in the browser with this id. */
  | { readonly to: 'apps' | 'admin'; readonly browserId: string }
) & {
  /** The identity provider was asked to offer a choice of accounts. */
  readonly choosesAccount?: boolean
}

/** Login attempts at the identity provider by their `state`, sealed under it; see core/storage.md. */
export class LoginAttemptStore {
  readonly #redis: Store
  readonly #ring: KeyRing

  constructor(redis: Store, ring: KeyRing) {
    this.#redis = redis
    this.#ring = ring
  }

  async begin(state: string, purpose: LoginPurpose): Promise<void> {
    const sealed = seal(this.#ring, binding(state), writeRecord(purpose))
    await this.#redis.set(attemptKey(state), sealed, 'EX', SIGN_IN_ATTEMPT_SECONDS)
  }

  /** The purpose of an attempt, finished or not; undefined for an expired or foreign state. */
  async findPurpose(state: string): Promise<LoginPurpose | undefined> {
    const sealed = await this.#redis.get(attemptKey(state))
    const purpose = sealed === null ? undefined : openStored(this.#ring, binding(state), sealed)
    return purpose === undefined ? undefined : (readRecord(purpose) as LoginPurpose)
  }

  /** @returns true the first time only */
  async markReturned(state: string): Promise<boolean> {
    const key = `${attemptKey(state)}:returned`
    return (await this.#redis.set(key, '1', 'EX', SIGN_IN_ATTEMPT_SECONDS, 'NX')) === 'OK'
  }
}

function binding(state: string): Binding {
  return { purpose: 'visit to the identity provider', share: Buffer.from(state), context: [] }
}

function attemptKey(state: string): string {
  return `connect:sign-in:${sha256(state)}`
}
