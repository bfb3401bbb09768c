import { Counter, type Registry } from '@prometheus-io/client'
import { REPLAYS, type ReplayAlarms } from './replay-alarms.ts'

/** How often something was shown that was used up before. */
export function keepReplayMetrics(registry: Registry, alarms: ReplayAlarms): void {
  const counter = new Counter({
    name: 'connect_replays_total',
    help: 'Codes and refresh tokens that were shown again after they were used up',
    labelNames: ['replay'],
    registers: [registry],
    collect() {
      this.reset()
      for (const replay of REPLAYS) counter.inc({ replay }, alarms.count(replay))
    },
  })
}
