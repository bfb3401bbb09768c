import { Counter, type Registry } from '@prometheus-io/client'
import { keepGauge } from '../metrics/keep-gauge.ts'

/** Events of this process that did not reach the audit log, or not yet. */
export interface AuditBacklog {
  /** Since the process started. */
  readonly lost: number
  /** Waiting in memory, those that are being written included. */
  readonly waiting: number
}

/** Exports the backlog of the audit log. @param process - `authz` or `consent_ui` */
export function keepAuditMetrics(registry: Registry, process: string, backlog: () => AuditBacklog): void {
  const lost = new Counter({
    name: `connect_${process}_audit_events_lost_total`,
    help: 'Audit events that did not fit into the queue, and are not in the audit log',
    registers: [registry],
    collect: () => {
      lost.reset()
      lost.inc(backlog().lost)
    },
  })
  const waiting = {
    name: `connect_${process}_audit_events_waiting`,
    help: 'Audit events that are not written yet',
  }
  keepGauge(registry, waiting, () => backlog().waiting)
}
