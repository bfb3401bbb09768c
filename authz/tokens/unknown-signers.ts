import type { Log } from '../../core/log/log.ts'
import { PerMinute } from '../../core/limits/per-minute.ts'
import type { Store } from '../../core/store/redis.ts'
import { signedFor } from '../../core/keys/signing-mark.ts'
import { LruMap } from '../limits/lru-map.ts'
import { StoreUnavailableError } from '../sessions/session-cache.ts'
import { within } from '../limits/with-timeout.ts'

/** Callers choose the ids that they name, so all look-ups and log lines together are bounded. */
const MAX_LOOKUPS_PER_MINUTE = 60
const MAX_LINES_PER_MINUTE = 6
const LOOKUP_TIMEOUT_MS = 300
const KEYS_REMEMBERED = 100
const SIGNS_FOR_MS = 60_000
/** Short: consent-ui may begin to sign with the key at any moment. */
const SIGNS_NOT_FOR_MS = 1000

interface UnknownSignersParts {
  readonly store: Store
  /** Of the Connect host. */
  readonly origin: string
  readonly log: Log
  /** Milliseconds that never go backwards, as `performance.now()`. */
  readonly elapsedMs: () => number
}

/** Finds out whether consent-ui signs with a key that authz was not given: one was deployed before the other then. */
export class UnknownSigners {
  readonly #parts: UnknownSignersParts
  readonly #lookups: PerMinute
  readonly #lines: PerMinute
  readonly #known = new LruMap<{ readonly signs: boolean; readonly untilMs: number }>(KEYS_REMEMBERED)
  readonly #pending = new Map<string, Promise<boolean>>()

  constructor(parts: UnknownSignersParts) {
    this.#parts = parts
    this.#lookups = new PerMinute(MAX_LOOKUPS_PER_MINUTE, parts.elapsedMs)
    this.#lines = new PerMinute(MAX_LINES_PER_MINUTE, parts.elapsedMs)
  }

  /**
   * Whether access tokens of a key are out, as the mark in the store says.
   *
   * @param keyId - of a form that an operator's key may have
   * @throws StoreUnavailableError where the store does not say, or was asked too often in this minute
   */
  async signs(keyId: string): Promise<boolean> {
    const known = this.#known.get(keyId)
    if (known !== undefined && this.#parts.elapsedMs() < known.untilMs) return known.signs
    const pending = this.#pending.get(keyId)
    if (pending !== undefined) return await pending
    if (!this.#lookups.take())
      throw new StoreUnavailableError('too many look-ups of signing keys in this minute')
    const lookup = this.#lookUp(keyId).finally(() => this.#pending.delete(keyId))
    this.#pending.set(keyId, lookup)
    return await lookup
  }

  async #lookUp(keyId: string): Promise<boolean> {
    const { store, origin, log, elapsedMs } = this.#parts
    const signs = await this.#ask(() => signedFor(store, origin, keyId))
    this.#known.set(keyId, { signs, untilMs: elapsedMs() + (signs ? SIGNS_FOR_MS : SIGNS_NOT_FOR_MS) })
    if (signs && this.#lines.take()) {
      log.error(
        { key: keyId },
        'signing key missing: consent-ui signs with it, and CONNECT_PUBLIC_KEYS lacks it',
      )
    }
    return signs
  }

  async #ask(seconds: () => Promise<number>): Promise<boolean> {
    try {
      return (await within(LOOKUP_TIMEOUT_MS, seconds())) > 0
    } catch (error) {
      throw new StoreUnavailableError(error instanceof Error ? error.message : 'the store failed')
    }
  }
}
