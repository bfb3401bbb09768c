import { LRUCache } from 'lru-cache'
import type { Log } from '../../core/log/log.ts'
import { PerMinute } from '../../core/limits/per-minute.ts'
import type { Store } from '../../core/store/redis.ts'
import { signedFor } from '../../core/keys/signing-mark.ts'
import { StoreUnavailableError } from '../sessions/session-cache.ts'
import { withTimeout } from '../limits/with-timeout.ts'

/** Clients choose the key ids in their tokens, so lookups and log lines are limited. */
const MAX_LOOKUPS_PER_MINUTE = 60
const MAX_LINES_PER_MINUTE = 6
const LOOKUP_TIMEOUT_MS = 300
const MAX_KEYS = 100
const SIGNS_FOR_MS = 60_000
/** Short: consent-ui may start to sign with the key at any moment. */
const DOES_NOT_SIGN_FOR_MS = 1000

interface UnknownSignersOptions {
  readonly store: Store
  readonly origin: string
  readonly log: Log
  readonly elapsedMs: () => number
}

/** Finds out if consent-ui signs with a key that authz lacks: then consent-ui was deployed first. */
export class UnknownSigners {
  readonly #options: UnknownSignersOptions
  readonly #lookups: PerMinute
  readonly #lines: PerMinute
  readonly #known = new LRUCache<string, { readonly signs: boolean; readonly untilMs: number }>({
    max: MAX_KEYS,
  })
  readonly #pending = new Map<string, Promise<boolean>>()

  constructor(options: UnknownSignersOptions) {
    this.#options = options
    this.#lookups = new PerMinute(MAX_LOOKUPS_PER_MINUTE, options.elapsedMs)
    this.#lines = new PerMinute(MAX_LINES_PER_MINUTE, options.elapsedMs)
  }

  /** @throws StoreUnavailableError when Redis does not answer or the lookups of this minute are used up */
  async signs(keyId: string): Promise<boolean> {
    const known = this.#known.get(keyId)
    if (known !== undefined && this.#options.elapsedMs() < known.untilMs) return known.signs
    const pending = this.#pending.get(keyId)
    if (pending !== undefined) return await pending
    if (!this.#lookups.take()) {
      throw new StoreUnavailableError('too many lookups of signing keys in this minute')
    }
    const lookup = this.#lookUp(keyId).finally(() => this.#pending.delete(keyId))
    this.#pending.set(keyId, lookup)
    return await lookup
  }

  async #lookUp(keyId: string): Promise<boolean> {
    const { store, origin, log, elapsedMs } = this.#options
    const signs = await this.#ask(() => signedFor(store, origin, keyId))
    this.#known.set(keyId, { signs, untilMs: elapsedMs() + (signs ? SIGNS_FOR_MS : DOES_NOT_SIGN_FOR_MS) })
    if (signs && this.#lines.take()) {
      log.error(
        { key: keyId },
        'signing key missing: consent-ui signs with it; add its public key to CONNECT_PUBLIC_KEYS',
      )
    }
    return signs
  }

  async #ask(seconds: () => Promise<number>): Promise<boolean> {
    try {
      return (await withTimeout(LOOKUP_TIMEOUT_MS, seconds())) > 0
    } catch (error) {
      throw new StoreUnavailableError(error instanceof Error ? error.message : 'redis: lookup failed')
    }
  }
}
