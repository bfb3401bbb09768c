import { setTimeout } from 'node:timers/promises'
import type { Store } from '../../core/store/redis.ts'
import { mastersOf } from '../../core/store/store-masters.ts'
import type { LastOutcome, Outcome } from './last-outcome.ts'

/** Less than a health check waits, also while Redis hangs. */
const MAX_WAIT_MS = 500

export interface HealthReport {
  /** Redis was reached once since the start. An outage must not restart tasks. */
  readonly started: boolean
  /** Every Redis master answers now. */
  readonly ready: boolean
  /** Reported only: sign-in says so itself, and everything else works. Absent without an identity provider. */
  readonly identity_provider?: Outcome
  readonly registry: Outcome
}

export interface HealthDependencies {
  readonly store: Store
  readonly outcomes: { readonly identityProvider: LastOutcome; readonly registry: LastOutcome }
  readonly hasIdentityProvider: boolean
}

/** Health of this process. A report asks Redis, and no other server. */
export class Health {
  readonly #dependencies: HealthDependencies
  #isStarted: boolean
  #asking: Promise<boolean> | undefined

  constructor(dependencies: HealthDependencies) {
    this.#dependencies = dependencies
    const { store } = dependencies
    this.#isStarted = store.status === 'ready'
    if (!this.#isStarted) store.once('ready', () => (this.#isStarted = true))
  }

  async report(): Promise<HealthReport> {
    const { outcomes, hasIdentityProvider } = this.#dependencies
    const ready = await this.#isReady()
    return {
      started: this.#isStarted,
      ready,
      ...(hasIdentityProvider ? { identity_provider: outcomes.identityProvider.outcome } : {}),
      registry: outcomes.registry.outcome,
    }
  }

  /** Probes that come together share one question. */
  async #isReady(): Promise<boolean> {
    this.#asking ??= areMastersUp(this.#dependencies.store).finally(() => (this.#asking = undefined))
    return await Promise.race([this.#asking, setTimeout(MAX_WAIT_MS, false, { ref: false })])
  }
}

async function areMastersUp(store: Store): Promise<boolean> {
  try {
    const masters = [...(await mastersOf(store)).values()]
    const connected = masters.filter((master) => master !== undefined)
    await Promise.all(connected.map((master) => master.ping()))
    return connected.length === masters.length
  } catch {
    return false
  }
}
