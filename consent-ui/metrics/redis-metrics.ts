import type { Registry } from '@prometheus-io/client'
import { Durations } from '../../core/metrics/durations.ts'
import { keepGauge } from '../../core/metrics/keep-gauge.ts'
import { onCommand } from '../../core/store/on-command.ts'
import type { Store } from '../../core/store/redis.ts'

/** A command is given up after 1 s. */
const BUCKETS = [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1]

/**
 * Times the commands of this process to Redis.
 *
 * @returns a function that stops it
 */
export function keepRedisMetrics(registry: Registry, store: Pick<Store, 'status'>): () => void {
  const durations = new Durations({
    name: 'connect_consent_ui_redis_command_duration_seconds',
    help: 'Commands that were sent to Redis',
    labelNames: ['outcome'],
    buckets: BUCKETS,
    initial: [{ outcome: 'answered' }, { outcome: 'failed' }],
  })
  durations.registerAt(registry)
  const connected = {
    name: 'connect_consent_ui_redis_connected',
    help: '1 while consent-ui is connected to Redis, else 0',
  }
  keepGauge(registry, connected, () => Number(store.status === 'ready'))
  return onCommand(() => {
    const begunMs = performance.now()
    return (failed) =>
      durations.observe({ outcome: failed ? 'failed' : 'answered' }, (performance.now() - begunMs) / 1000)
  })
}
