import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import {
  delistConsentUi,
  enlistConsentUi,
  HEARTBEAT_INTERVAL_MS,
} from '../../core/sessions/session-changes.ts'
import type { Store } from '../../core/store/redis.ts'

interface EnlistedProcessDependencies {
  readonly store: Store
  /** In its acknowledgements. */
  readonly name: string
  readonly log: Log
}

/** Keeps a consent-ui process in the list of live ones: a block or stop waits until each of them has read it. */
export class EnlistedProcess {
  readonly #dependencies: EnlistedProcessDependencies
  readonly #timer: NodeJS.Timeout

  constructor(dependencies: EnlistedProcessDependencies) {
    this.#dependencies = dependencies
    this.#timer = setInterval(() => void this.#enlist(), HEARTBEAT_INTERVAL_MS).unref()
  }

  /** Leaves the list, so that nothing waits for a process that has stopped. Never rejects. */
  async stop(): Promise<void> {
    const { store, name } = this.#dependencies
    clearInterval(this.#timer)
    await this.#quietly(() => delistConsentUi(store, name))
  }

  async #enlist(): Promise<void> {
    const { store, name } = this.#dependencies
    await this.#quietly(() => enlistConsentUi(store, name))
  }

  async #quietly(change: () => Promise<unknown>): Promise<void> {
    try {
      await change()
    } catch (error) {
      this.#dependencies.log.debug({ reason: describeError(error) }, 'redis: list of processes not changed')
    }
  }
}
