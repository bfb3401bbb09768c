import type { Log } from '../../core/log/log.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Timers } from '../store/repeat.ts'
import type { Logouts } from './logouts.ts'

export interface WatchedCredential {
  readonly token: string
  /** After this time it is in use or never will be. */
  readonly seconds: number
  /** True if a session has it; throws if Redis is unavailable. */
  readonly isInUse: () => Promise<boolean>
  /** Removes it from Redis; false if the user has decided or it is gone. */
  readonly withdraw?: () => Promise<boolean>
}

/** Logs out credentials that this process obtained and no session takes. If the process dies, they expire. */
export class UnusedCredentials {
  readonly #logouts: Logouts
  readonly #timers: Timers
  readonly #log: Log
  readonly #watched = new Set<WatchedCredential>()

  constructor({ logouts, timers, log }: { logouts: Logouts; timers: Timers; log: Log }) {
    this.#logouts = logouts
    this.#timers = timers
    this.#log = log
  }

  /** Logs a credential out unless a session has it after `seconds`. */
  watch(credential: WatchedCredential): void {
    this.#watched.add(credential)
    this.#timers.after(credential.seconds, () => void this.#end(credential))
  }

  /** At shutdown: logs out credentials that await the user's decision, and waits for every logout. */
  async logOutUndecided(): Promise<void> {
    await Promise.all([...this.#watched].map((credential) => this.#withdraw(credential)))
    await this.#logouts.settled()
  }

  async #end(credential: WatchedCredential): Promise<void> {
    if (!this.#watched.delete(credential)) return
    try {
      if (!(await credential.isInUse())) this.#logouts.begin(credential.token)
    } catch (error) {
      // It may be in use, so it is left to expire.
      this.#log.warn({ reason: describeError(error) }, 'store: use of a credential unknown')
    }
  }

  async #withdraw(credential: WatchedCredential): Promise<void> {
    try {
      if ((await credential.withdraw?.()) !== true) return
      this.#watched.delete(credential)
      this.#logouts.begin(credential.token)
    } catch (error) {
      this.#log.warn({ reason: describeError(error) }, 'store: credential not withdrawn')
    }
  }
}
