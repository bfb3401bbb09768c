import type { Registry } from '@prometheus-io/client'
import { Counts } from '../../core/metrics/counts.ts'
import { Durations } from '../../core/metrics/durations.ts'
import { keepGauge } from '../../core/metrics/keep-gauge.ts'
import type { LoadOutcome, LookupSource, SessionCacheObserver } from '../sessions/session-cache.ts'

const SOURCES: readonly LookupSource[] = ['memory', 'running_load', 'store', 'grace']
const OUTCOMES: readonly LoadOutcome[] = ['found', 'absent', 'timeout', 'failed']
/** A read is given up after 300 ms. */
const BUCKETS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.3]

/** What the gauges are read from. */
export interface SessionState {
  readonly sessions: {
    readonly size: number
    readonly bytes: number
    readonly openCircuits: number
  }
  readonly changes: { readonly isLive: boolean; readonly lagMs: number }
}

/** Counts lookups of the session cache and its circuit breakers, and times its reads of Redis. */
export class SessionMetrics implements SessionCacheObserver {
  readonly #lookups = new Counts({
    name: 'connect_authz_session_lookups_total',
    help: 'Lookups of sessions, by what answered them',
    labelNames: ['source'],
    initial: SOURCES.map((source) => ({ source })),
  })
  readonly #loads = new Durations({
    name: 'connect_authz_session_load_duration_seconds',
    help: 'Reads of sessions from Redis',
    labelNames: ['outcome'],
    buckets: BUCKETS,
    initial: OUTCOMES.map((outcome) => ({ outcome })),
  })
  readonly #circuits = new Counts({
    name: 'connect_authz_circuits_opened_total',
    help: 'Redis nodes that stopped answering in time',
    labelNames: [],
    initial: [{}],
  })

  lookedUp(source: LookupSource): void {
    this.#lookups.add({ source })
  }

  loaded(outcome: LoadOutcome, milliseconds: number): void {
    this.#loads.observe({ outcome }, milliseconds / 1000)
  }

  circuitOpened(): void {
    this.#circuits.add({})
  }

  registerAt(registry: Registry, { sessions, changes }: SessionState): void {
    this.#lookups.registerAt(registry)
    this.#loads.registerAt(registry)
    this.#circuits.registerAt(registry)
    const gauge = (name: string, help: string, read: () => number): void =>
      keepGauge(registry, { name: `connect_authz_${name}`, help }, read)
    gauge('cached_sessions', 'Sessions in memory', () => sessions.size)
    gauge('cached_session_bytes', 'Their estimated size', () => sessions.bytes)
    gauge(
      'open_circuits',
      'Redis nodes that did not answer in time and are probed',
      () => sessions.openCircuits,
    )
    gauge('subscription_live', '1 while every session change arrives, else 0', () => Number(changes.isLive))
    gauge(
      'subscription_lag_seconds',
      'Time for which session changes may be missing',
      () => changes.lagMs / 1000,
    )
  }
}
