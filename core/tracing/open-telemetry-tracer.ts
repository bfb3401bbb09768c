import { AsyncLocalStorage } from 'node:async_hooks'
import { setTimeout } from 'node:timers/promises'
import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Span,
  type SpanContext,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { ParentBasedSampler, AlwaysOnSampler, TracerProvider } from '@opentelemetry/sdk-trace'
import { onCommand } from '../store/on-command.ts'
import { CountedExport, EXPORT_TIMEOUT_MS, type Reports } from './counted-export.ts'
import type { SpanAttributes, SpanDescription, Tracer } from './span.ts'

/** Version 00: trace id, span id, flags (W3C Trace Context section 3.2.2). All zeros are invalid. */
const TRACEPARENT = /^00-(?!0{32})([0-9a-f]{32})-(?!0{16})([0-9a-f]{16})-([0-9a-f]{2})$/
/** A stop waits for the export of what is left. */
const MAX_STOP_MS = 1000
const KINDS = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const

interface OpenTelemetryOptions extends Reports {
  readonly url: URL
  readonly service: string
}

/** Records spans with OpenTelemetry's SDK. Without its context manager and propagator, which cost more. */
export class OpenTelemetryTracer implements Tracer {
  readonly #provider: TracerProvider
  readonly #tracer: ReturnType<TracerProvider['getTracer']>
  readonly #current = new AsyncLocalStorage<Span>()
  readonly #stopCommands: () => void

  constructor({ url, service, ...reports }: OpenTelemetryOptions) {
    const exporter = new OTLPTraceExporter({ url: url.href, timeoutMillis: EXPORT_TIMEOUT_MS })
    this.#provider = new TracerProvider({
      resource: resourceFromAttributes({ 'service.name': service }),
      // Envoy decides which requests are sampled.
      sampler: new ParentBasedSampler({ root: new AlwaysOnSampler() }),
      spanProcessors: [new CountedExport(exporter, reports)],
    })
    this.#tracer = this.#provider.getTracer('quilt-connect')
    this.#stopCommands = onCommand((command) => this.#command(command))
  }

  async inSpan<Result>(description: SpanDescription, work: () => Promise<Result>): Promise<Result> {
    const span = this.#start(description)
    try {
      return await this.#current.run(span, work)
    } catch (error) {
      // Its message may quote a secret.
      span.setStatus({ code: SpanStatusCode.ERROR })
      span.setAttribute('error.type', error instanceof Error ? error.name : 'unknown')
      throw error
    } finally {
      span.end()
    }
  }

  annotate(attributes: SpanAttributes, name?: string): void {
    const span = this.#current.getStore()
    span?.setAttributes(attributes)
    if (name !== undefined) span?.updateName(name)
  }

  get traceparent(): string | undefined {
    const span = this.#current.getStore()
    if (span === undefined) return undefined
    const { traceId, spanId, traceFlags } = span.spanContext()
    return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`
  }

  /** Never rejects. */
  async stop(): Promise<void> {
    this.#stopCommands()
    const flushed = this.#provider.shutdown().catch(() => undefined)
    await Promise.race([flushed, setTimeout(MAX_STOP_MS, undefined, { ref: false })])
  }

  #start({ name, kind, attributes = {}, traceparent }: SpanDescription): Span {
    const caller = readTraceparent(traceparent)
    const current = this.#current.getStore()
    const inCurrent = current === undefined ? ROOT_CONTEXT : trace.setSpan(ROOT_CONTEXT, current)
    const parent = caller === undefined ? inCurrent : trace.setSpanContext(ROOT_CONTEXT, caller)
    return this.#tracer.startSpan(name, { kind: KINDS[kind], attributes }, parent)
  }

  /** A command outside of a request, such as a heartbeat, has no span. Arguments hold secrets. */
  #command(command: string): (failed: boolean) => void {
    if (this.#current.getStore()?.isRecording() !== true) return () => undefined
    const attributes = { 'db.system.name': 'redis', 'db.operation.name': command }
    const span = this.#start({ name: `Redis ${command}`, kind: 'client', attributes })
    return (failed) => {
      if (failed) span.setStatus({ code: SpanStatusCode.ERROR })
      span.end()
    }
  }
}

function readTraceparent(text: string | undefined): SpanContext | undefined {
  const [, traceId, spanId, flags] = TRACEPARENT.exec(text ?? '') ?? []
  if (traceId === undefined || spanId === undefined) return undefined
  return { traceId, spanId, traceFlags: Number.parseInt(flags ?? '0', 16) & 1, isRemote: true }
}
