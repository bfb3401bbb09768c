import type { Log } from '../../core/log/log.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Timers } from '../keys/timers.ts'
import type { Logouts } from './logouts.ts'

/** A credential that was obtained, and what has to become of it. */
export interface WatchedCredential {
  readonly token: string
  /** By then it is in use, or nobody will use it any more. */
  readonly seconds: number
  /** Whether a session has it; throws where the store cannot say. */
  readonly isInUse: () => Promise<boolean>
  /** Takes it out of the store while the person has not decided; false when they have, or it is not there. */
  readonly withdraw?: () => Promise<boolean>
}

/**
 * Credentials that this process obtained and that no session has yet. One that nobody comes for is logged out; a
 * process that dies leaves its own to expire.
 */
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

  /** Logs a credential out unless a session has it when its time is up. */
  watch(credential: WatchedCredential): void {
    this.#watched.add(credential)
    this.#timers.after(credential.seconds, () => void this.#end(credential))
  }

  /** This process stops: logs out what nobody has decided about, and waits for every logout that has begun. */
  async logOutUndecided(): Promise<void> {
    await Promise.all([...this.#watched].map((credential) => this.#withdraw(credential)))
    await this.#logouts.settled()
  }

  async #end(credential: WatchedCredential): Promise<void> {
    if (!this.#watched.delete(credential)) return
    try {
      if (!(await credential.isInUse())) this.#logouts.begin(credential.token)
    } catch (error) {
      // It may be in use: it is left to expire.
      this.#log.warn({ reason: describeError(error) }, 'nobody can say whether a Quilt credential is in use')
    }
  }

  async #withdraw(credential: WatchedCredential): Promise<void> {
    try {
      if ((await credential.withdraw?.()) !== true) return
      this.#watched.delete(credential)
      this.#logouts.begin(credential.token)
    } catch (error) {
      this.#log.warn({ reason: describeError(error) }, 'an undecided Quilt credential could not be withdrawn')
    }
  }
}
