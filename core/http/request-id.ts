/** AWS load balancers set it. Envoy removes it where no load balancer is in front (envoy.yaml). */
export const TRACE_HEADER = 'x-amzn-trace-id'
/** Envoy sets it; the client gets it in the answer. */
export const REQUEST_ID_HEADER = 'x-request-id'

/** Where the id of a request stands in TRACE_HEADER; envoy.yaml reads it by the same expression. */
export const TRACE_ROOT = /^(?:.*;)?Root=(1-[0-9a-f]{8}-[0-9a-f]{24})(?:;.*)?$/
const TRACE_ID = /^1-[0-9a-f]{8}-[0-9a-f]{24}$/
const OWN_ID = /^[\w-]{1,64}$/

/**
 * The id by which a request is found in every log: the load balancer's, else Envoy's.
 *
 * @param traces - the values of TRACE_HEADER; any that is not as AWS writes it is ignored
 * @param own - the value of REQUEST_ID_HEADER
 */
export function requestIdOf(traces: readonly string[], own: string | undefined): string | undefined {
  const [, trace] = TRACE_ROOT.exec(traces.join(',')) ?? []
  return trace ?? (own !== undefined && OWN_ID.test(own) ? own : undefined)
}

/** The header by which another server logs the same id. */
export function requestIdHeader(id: string | undefined): Readonly<Record<string, string>> {
  if (id === undefined) return {}
  return TRACE_ID.test(id) ? { [TRACE_HEADER]: `Root=${id}` } : { [REQUEST_ID_HEADER]: id }
}
