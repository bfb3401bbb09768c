import { sha256 } from '../../core/keys/hash.ts'
import { MAX_SESSION_SECONDS } from '../../core/sessions/session.ts'
import type { Store } from '../../core/store/redis.ts'

/** A user's connection by identity assertions, at one client for one resource. */
export interface AssertedConnection {
  /** Of link-store.ts. */
  readonly user: string
  readonly clientId: string
  readonly resource: string
}

/** The newest session of each connection; see core/storage.md. */
export class AssertedConnections {
  readonly #redis: Store
  readonly #origin: string

  /** @param origin - of the Connect host; others in the same Redis have their own */
  constructor(redis: Store, origin: string) {
    this.#redis = redis
    this.#origin = origin
  }

  /** Notes an open session as the newest. @returns the id of the one before: of two at once, exactly one stays newest */
  async replace({ user, clientId, resource }: AssertedConnection, id: string): Promise<string | undefined> {
    const key = `connect:asserted:${sha256(JSON.stringify([this.#origin, user, clientId, resource]))}`
    return (await this.#redis.set(key, id, 'EX', MAX_SESSION_SECONDS, 'GET')) ?? undefined
  }
}
