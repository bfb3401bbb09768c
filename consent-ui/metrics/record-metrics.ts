import { Counter, type Registry } from '@prometheus-io/client'
import { RECORD_KINDS, type RecordAlarms } from './record-alarms.ts'

/** How often a record of the store failed its MAC. */
export function keepRecordMetrics(registry: Registry, alarms: RecordAlarms): void {
  const counter = new Counter({
    name: 'connect_changed_records_total',
    help: 'Records of the store that failed their MAC and were refused',
    labelNames: ['record'],
    registers: [registry],
    collect() {
      this.reset()
      for (const record of RECORD_KINDS) counter.inc({ record }, alarms.count(record))
    },
  })
}
