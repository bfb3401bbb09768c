import { Counts } from '../metrics/counts.ts'

const REASONS = ['queue_full', 'export_failed'] as const

/** Counts spans that never reached the receiver. */
export class DroppedSpans {
  readonly counts: Counts<'reason'>

  /** @param process - in the name of the metric */
  constructor(process: 'authz' | 'consent_ui') {
    this.counts = new Counts({
      name: `connect_${process}_dropped_spans_total`,
      help: 'Spans that were not exported',
      labelNames: ['reason'],
      initial: REASONS.map((reason) => ({ reason })),
    })
  }

  add(reason: (typeof REASONS)[number], spans: number): void {
    for (let span = 0; span < spans; span += 1) this.counts.add({ reason })
  }
}
