import { Counter, type Registry } from '@prometheus-io/client'

/** Exports how many rollbacks of Redis this process knows. */
export function keepRollbackMetrics(registry: Registry, rollbacks: { readonly count: number }): void {
  const counter = new Counter({
    name: 'connect_consent_ui_store_rollbacks_total',
    help: 'Rollbacks of the store that this process knows; each ended every session',
    registers: [registry],
    collect() {
      this.reset()
      counter.inc(rollbacks.count)
    },
  })
}
