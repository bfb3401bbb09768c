import type { KeyRing } from '../../core/keys/keys.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import { DELETE_IF_EQUAL } from '../../core/sessions/session-scripts.ts'
import { readRecord, writeRecord } from '../../core/store/record.ts'
import type { Store } from '../../core/store/redis.ts'
import { TRANSACTION_SECONDS } from '../lifetimes.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import type { ObtainedCredential } from '../quilt/credential-source.ts'
import type { Browser } from './browser-store.ts'
import { transactionKey } from './transaction-store.ts'

/** A Quilt credential obtained for a transaction before its user has decided. */
export interface HeldCredential {
  /** Of the session that may come of it. */
  readonly sessionId: string
  readonly credential: ObtainedCredential
  readonly person: SignedIn
  /** The catalog handed the user over, and the browser does not show that the account is its user's. */
  readonly isUnproven?: true
}

interface Holder {
  readonly id: string
  readonly browser: Browser
}

/** Held credentials, each sealed under its browser's cookie and bound to its transaction. */
export class HeldStore {
  readonly #redis: Store
  readonly #ring: KeyRing

  constructor(redis: Store, ring: KeyRing) {
    this.#redis = redis
    this.#ring = ring
  }

  /** @returns the sealed value, for {@link drop} */
  async keep(holder: Holder, held: HeldCredential): Promise<string> {
    const sealed = seal(this.#ring, binding(holder), writeRecord(held))
    await this.#redis.set(heldKey(holder.id), sealed, 'EX', TRANSACTION_SECONDS)
    return sealed
  }

  /** @returns undefined also if the browser's cookie has changed */
  async find(holder: Holder): Promise<HeldCredential | undefined> {
    const sealed = await this.#redis.get(heldKey(holder.id))
    const plaintext = sealed === null ? undefined : openStored(this.#ring, binding(holder), sealed)
    return plaintext === undefined ? undefined : (readRecord(plaintext) as HeldCredential)
  }

  async forget(id: string): Promise<void> {
    await this.#redis.del(heldKey(id))
  }

  /** Deletes the value if it is still this one. @returns false if it was not */
  async drop(id: string, sealed: string): Promise<boolean> {
    return (await this.#redis.eval(DELETE_IF_EQUAL, 1, heldKey(id), sealed)) === 1
  }
}

function binding({ id, browser }: Holder): Binding {
  return { purpose: 'held credential', share: Buffer.from(browser.cookie), context: [id, browser.id] }
}

function heldKey(id: string): string {
  return `${transactionKey(id)}:held`
}
