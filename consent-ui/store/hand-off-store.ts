import { randomSecret, sha256 } from '../../core/keys/hash.ts'
import type { KeyRing } from '../../core/keys/keys.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import { readRecord, writeRecord } from '../../core/store/record.ts'
import type { Store } from '../../core/store/redis.ts'
import { HAND_OFF_SECONDS } from '../lifetimes.ts'
import type { HeldCredential } from './held-store.ts'
import type { Transaction } from './transaction-store.ts'

/** A user whom the catalog handed over: a checked request, and the user's credential. */
export interface HandOff {
  readonly request: Omit<Transaction, 'browserId'>
  readonly held: HeldCredential
}

/** Hand-offs by a one-time handle, sealed under it; see core/storage.md. */
export class HandOffStore {
  readonly #redis: Store
  readonly #ring: KeyRing

  constructor(redis: Store, ring: KeyRing) {
    this.#redis = redis
    this.#ring = ring
  }

  /** @returns the handle */
  async keep(handOff: HandOff): Promise<string> {
    const handle = randomSecret()
    const sealed = seal(this.#ring, binding(handle), writeRecord(handOff))
    await this.#redis.set(keyOf(handle), sealed, 'EX', HAND_OFF_SECONDS)
    return handle
  }

  /** Only once. @returns undefined for a handle that is unknown, expired or used */
  async take(handle: string): Promise<HandOff | undefined> {
    const sealed = await this.#redis.getdel(keyOf(handle))
    const plaintext = sealed === null ? undefined : openStored(this.#ring, binding(handle), sealed)
    return plaintext === undefined ? undefined : (readRecord(plaintext) as HandOff)
  }

  /** @returns false if it was taken */
  async drop(handle: string): Promise<boolean> {
    return (await this.#redis.del(keyOf(handle))) === 1
  }
}

function binding(handle: string): Binding {
  return { purpose: 'hand-off', share: Buffer.from(handle), context: [] }
}

function keyOf(handle: string): string {
  return `connect:hand-off:${sha256(handle)}`
}
