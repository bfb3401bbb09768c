import type { Log } from '../log/log.ts'
import type { DroppedSpans } from './dropped-spans.ts'
import { traceWith } from './span.ts'
import { tracesUrl } from './tracing-settings.ts'

export interface TracingOptions {
  /** `service.name` of each span. */
  readonly service: string
  readonly dropped: DroppedSpans
  readonly log: Log
}

/**
 * Begins to record and export spans if there is an endpoint. OpenTelemetry is imported only then.
 *
 * @returns a function that exports what is waiting, for at most a second, and stops. It never rejects.
 */
export async function startTracing(
  endpoint: URL | undefined,
  options: TracingOptions,
): Promise<() => Promise<void>> {
  if (endpoint === undefined) return () => Promise.resolve()
  const { OpenTelemetryTracer } = await import('./open-telemetry-tracer.ts')
  const url = tracesUrl(endpoint)
  const tracer = new OpenTelemetryTracer({ url, ...options })
  traceWith(tracer)
  options.log.info({ to: url.origin }, 'traces: spans are exported')
  return async () => {
    traceWith(undefined)
    await tracer.stop()
  }
}
