import { Counter, type Registry } from '@prometheus-io/client'
import type { Log } from '../../core/log/log.ts'

/** The records in Redis that carry a MAC. */
const RECORD_KINDS = ['transaction', 'person_link'] as const

export type RecordKind = (typeof RECORD_KINDS)[number]

/** Logs and counts records that were changed outside of consent-ui. */
export class RecordAlarms {
  readonly #log: Log
  readonly #counts = new Map<RecordKind, number>()

  constructor(log: Log) {
    this.#log = log
  }

  raise(record: RecordKind): void {
    this.#counts.set(record, this.count(record) + 1)
    this.#log.error({ alarm: 'changed_record', record }, 'store: a record failed its MAC and was refused')
  }

  /** Since this process started. */
  count(record: RecordKind): number {
    return this.#counts.get(record) ?? 0
  }
}

export function keepRecordMetrics(registry: Registry, alarms: RecordAlarms): void {
  const counter = new Counter({
    name: 'connect_consent_ui_changed_records_total',
    help: 'Records of the store that failed their MAC and were refused',
    labelNames: ['record'],
    registers: [registry],
    collect() {
      this.reset()
      for (const record of RECORD_KINDS) counter.inc({ record }, alarms.count(record))
    },
  })
}
