import type { KeyRing } from '../../core/keys/keys.ts'
import type { Store } from '../../core/store/redis.ts'
import { openStored, seal, type Binding } from '../../core/keys/sealing.ts'
import { DELETE_IF_EQUAL } from '../../core/sessions/session-scripts.ts'
import type { OpenTransaction } from '../browser/browser-cookie.ts'
import { TRANSACTION_SECONDS } from '../lifetimes.ts'
import type { ObtainedCredential } from '../quilt/credential-source.ts'
import type { SignedIn } from '../provider/signed-in.ts'
import { transactionKey } from './transaction-store.ts'

/** A Quilt credential that was obtained for a transaction before its person has decided. */
export interface Held {
  /** Of the session that may come of it. */
  readonly sessionId: string
  readonly credential: ObtainedCredential
  readonly person: SignedIn
}

/** Held credentials, each sealed under its browser's cookie and bound to its transaction. */
export class HeldStore {
  readonly #redis: Store
  readonly #ring: KeyRing

  constructor(redis: Store, ring: KeyRing) {
    this.#redis = redis
    this.#ring = ring
  }

  /** @returns as what it stands in the store, for {@link drop} */
  async keep(opened: OpenTransaction, held: Held): Promise<string> {
    const sealed = seal(this.#ring, binding(opened), JSON.stringify(held))
    await this.#redis.set(heldKey(opened.id), sealed, 'EX', TRANSACTION_SECONDS)
    return sealed
  }

  /** What is held for a transaction, for the browser with the cookie that it was sealed under. */
  async find(opened: OpenTransaction): Promise<Held | undefined> {
    const sealed = await this.#redis.get(heldKey(opened.id))
    const plaintext = sealed === null ? undefined : openStored(this.#ring, binding(opened), sealed)
    return plaintext === undefined ? undefined : (JSON.parse(plaintext) as Held)
  }

  /** Forgets what is held for a transaction. */
  async forget(id: string): Promise<void> {
    await this.#redis.del(heldKey(id))
  }

  /** Takes it out of the store while it is this one; false when it is not there any more. */
  async drop(id: string, sealed: string): Promise<boolean> {
    return (await this.#redis.eval(DELETE_IF_EQUAL, 1, heldKey(id), sealed)) === 1
  }
}

function binding({ id, browser }: OpenTransaction): Binding {
  return { purpose: 'held credential', share: Buffer.from(browser.cookie), context: [id, browser.id] }
}

function heldKey(id: string): string {
  return `${transactionKey(id)}:held`
}
