/** No value may hold a secret, a person, or a path or query of a client. */
export type SpanAttributes = Readonly<Record<string, string | number | boolean>>

/** One step of a request in its trace (OpenTelemetry, Tracing API). */
export interface SpanDescription {
  readonly name: string
  /** `server` answers a request, `client` sends one. */
  readonly kind: 'server' | 'client'
  readonly attributes?: SpanAttributes
  /** The caller's span (W3C Trace Context section 3.2); by default the span in whose work this is called. */
  readonly traceparent?: string | undefined
}

export interface Tracer {
  inSpan<Result>(span: SpanDescription, work: () => Promise<Result>): Promise<Result>
  /** Adds to the span in whose work this is called. */
  annotate(attributes: SpanAttributes, name?: string): void
  /** `traceparent` of the span in whose work this is called. */
  readonly traceparent: string | undefined
}

let tracer: Tracer | undefined

/** From now on, spans are recorded with this tracer; with undefined, none are. */
export function traceWith(started: Tracer | undefined): void {
  tracer = started
}

/** Runs work as one span of its request's trace. Without a tracer, only the work is done. */
export function inSpan<Result>(
  describe: () => SpanDescription,
  work: () => Promise<Result>,
): Promise<Result> {
  return tracer === undefined ? work() : tracer.inSpan(describe(), work)
}

/** Adds what is known only later to the span in whose work this is called. */
export function annotateSpan(attributes: () => SpanAttributes, name?: () => string): void {
  tracer?.annotate(attributes(), name?.())
}

/** The header by which another server continues the trace. */
export function traceHeaders(): Readonly<Record<string, string>> {
  const traceparent = tracer?.traceparent
  return traceparent === undefined ? {} : { traceparent }
}
