import { status } from '@grpc/grpc-js'
import { inSpan, type SpanDescription } from '../../core/tracing/span.ts'
import type { Check } from './check.ts'
import type { CheckRequest } from '../envoy/check-request.ts'
import type { CheckResponse } from '../envoy/check-response.ts'
import { GrpcError, type Call, type UnaryHandler } from '../envoy/grpc-handlers.ts'
import type { Process } from './list-filter.ts'

export interface Stages {
  readonly authenticate: Check
  readonly toolAccess: Check
  readonly listFilter: Process
}

/** Request metadata from a filter's configuration (`initial_metadata`); clients cannot write there. */
const STAGE = 'x-stage'
/** The span of Envoy's call (W3C Trace Context). The check's own headers hold none: Envoy removes a client's. */
const TRACEPARENT = 'traceparent'

/**
 * Calls the stage that `x-stage` names; without it, authenticate. This is safe: the tool_access filter sends no
 * Authorization header, so a filter without its `x-stage` is denied.
 */
export function dispatch({ authenticate, toolAccess }: Stages): UnaryHandler<CheckRequest, CheckResponse> {
  const checks = new Map([
    ['authenticate', authenticate],
    ['tool_access', toolAccess],
  ])
  return async function check(message, call) {
    const stage = call.metadata(STAGE) ?? 'authenticate'
    const answer = checks.get(stage)
    if (answer === undefined) throw new GrpcError(status.UNIMPLEMENTED, `${STAGE} names no check`)
    return await inSpan(
      () => spanOf(`check ${stage}`, call),
      () => answer(message, call),
    )
  }
}

/** One span for a whole answer that the list filter reads; it lasts as long as the answer. */
export async function inListFilterSpan(call: Call, work: () => Promise<void>): Promise<void> {
  await inSpan(() => spanOf('list_filter', call), work)
}

function spanOf(name: string, call: Call): SpanDescription {
  return { name, kind: 'server', traceparent: call.metadata(TRACEPARENT) }
}
