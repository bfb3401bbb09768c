import type { Log } from '../../core/log/log.ts'

/** The records that carry a MAC. */
export const RECORD_KINDS = ['transaction', 'person_link'] as const

export type RecordKind = (typeof RECORD_KINDS)[number]

/** Says that a record of the store was changed outside of this server, and counts how often. */
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

  /** How often, since this process began. */
  count(record: RecordKind): number {
    return this.#counts.get(record) ?? 0
  }
}
