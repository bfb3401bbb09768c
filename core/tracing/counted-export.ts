import {
  BatchSpanProcessor,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
} from '@opentelemetry/sdk-trace'
import type { Log } from '../log/log.ts'
import type { DroppedSpans } from './dropped-spans.ts'

/** Spans that wait; later ones are dropped. */
const MAX_QUEUE = 2048
const MAX_BATCH = 512
const BATCH_INTERVAL_MS = 2000
/** Of one export, with its retries. */
export const EXPORT_TIMEOUT_MS = 2000

export interface Reports {
  readonly dropped: DroppedSpans
  readonly log: Log
}

/** `ExportResultCode.SUCCESS` of OpenTelemetry. */
const EXPORTED = 0

type ExportCallback = Parameters<SpanExporter['export']>[1]

/** Exports spans in batches from a bounded queue, and counts those that never arrive. */
export class CountedExport implements SpanProcessor {
  readonly #batches: BatchSpanProcessor
  readonly #dropped: DroppedSpans
  #waiting = 0

  constructor(exporter: SpanExporter, { dropped, log }: Reports) {
    this.#dropped = dropped
    let hasFailed = false
    const report = (isFailure: boolean, spans: number): void => {
      if (isFailure) dropped.add('export_failed', spans)
      if (isFailure && !hasFailed) log.warn('traces: spans could not be exported')
      hasFailed = isFailure
    }
    const counted: SpanExporter = {
      export: (spans, done: ExportCallback) => {
        this.#waiting -= spans.length
        exporter.export(spans, (result) => {
          const code: number = result.code
          report(code !== EXPORTED, spans.length)
          done(result)
        })
      },
      shutdown: () => exporter.shutdown(),
    }
    this.#batches = new BatchSpanProcessor({
      exporter: counted,
      maxQueueSize: MAX_QUEUE,
      maxExportBatchSize: MAX_BATCH,
      scheduledDelayMillis: BATCH_INTERVAL_MS,
      exportTimeoutMillis: EXPORT_TIMEOUT_MS,
    })
  }

  onStart(): void {
    // A span is exported when it has ended.
  }

  onEnd(span: ReadableSpan): void {
    if (this.#waiting >= MAX_QUEUE) {
      this.#dropped.add('queue_full', 1)
      return
    }
    this.#waiting += 1
    this.#batches.onEnd(span)
  }

  forceFlush(): Promise<void> {
    return this.#batches.forceFlush()
  }

  shutdown(): Promise<void> {
    return this.#batches.shutdown()
  }
}
