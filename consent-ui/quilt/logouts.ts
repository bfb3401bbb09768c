import type { Log } from '../../core/log/log.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Registry } from './registry.ts'

/** Logs credentials out at the Registry beside whatever is going on: nobody waits for it, and nobody fails with it. */
export class Logouts {
  readonly #registry: Pick<Registry, 'logOut'>
  readonly #log: Log
  readonly #pending = new Set<Promise<void>>()

  constructor(registry: Pick<Registry, 'logOut'>, log: Log) {
    this.#registry = registry
    this.#log = log
  }

  /** Where the Registry does not answer, the credential ends at its own expiry, and the log says so. */
  begin(token: string): void {
    const logout = this.#registry
      .logOut(token)
      .catch((error: unknown) => {
        this.#log.warn({ reason: describeError(error) }, 'a Quilt credential could not be logged out')
      })
      .finally(() => this.#pending.delete(logout))
    this.#pending.add(logout)
  }

  /** When those that have begun are over. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }
}
