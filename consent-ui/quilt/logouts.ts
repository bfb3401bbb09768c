import type { Log } from '../../core/log/log.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Registry } from './registry.ts'

/** Logs credentials out at the Registry in the background. */
export class Logouts {
  readonly #registry: Pick<Registry, 'logOut'>
  readonly #log: Log
  readonly #pending = new Set<Promise<void>>()

  constructor(registry: Pick<Registry, 'logOut'>, log: Log) {
    this.#registry = registry
    this.#log = log
  }

  /** If the Registry is unavailable, the credential lives until it expires, and the log says so. */
  begin(token: string): void {
    const logout = this.#registry
      .logOut(token)
      .catch((error: unknown) => {
        this.#log.warn({ reason: describeError(error) }, 'registry: credential not logged out')
      })
      .finally(() => this.#pending.delete(logout))
    this.#pending.add(logout)
  }

  /** Settles when all started logouts have ended. */
  async settled(): Promise<void> {
    await Promise.all(this.#pending)
  }
}
