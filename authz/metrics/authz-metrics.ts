import type { Registry } from '@prometheus-io/client'
import { OutgoingRequests } from '../../core/metrics/outgoing-requests.ts'
import type { Service } from '../../core/services/service.ts'
import { CheckMetrics } from './check-metrics.ts'
import { SessionMetrics, type SessionState } from './session-metrics.ts'

/** What authz counts and times; docs/metrics.md explains each. */
export class AuthzMetrics {
  readonly checks: CheckMetrics
  readonly sessions = new SessionMetrics()
  readonly outgoing = new OutgoingRequests('authz', ['registry'])

  constructor(services: readonly Service[]) {
    this.checks = new CheckMetrics(services)
  }

  registerAt(registry: Registry, state: SessionState): void {
    this.checks.registerAt(registry)
    this.sessions.registerAt(registry, state)
    this.outgoing.durations.registerAt(registry)
  }
}
