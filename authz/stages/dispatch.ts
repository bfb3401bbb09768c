import { status } from '@grpc/grpc-js'
import type { Check } from './check.ts'
import type { CheckRequest } from '../envoy/check-request.ts'
import type { CheckResponse } from '../envoy/check-response.ts'
import { GrpcError, type UnaryHandler } from '../envoy/grpc-handlers.ts'
import type { Process } from './list-filter.ts'

export interface Stages {
  readonly authenticate: Check
  readonly toolAccess: Check
  readonly listFilter: Process
}

/** Request metadata from a filter's configuration (`initial_metadata`); clients cannot write there. */
const STAGE = 'x-stage'

/**
 * Calls the stage that `x-stage` names; without it, authenticate. This is safe: the tool_access filter sends no
 * Authorization header, so a filter without its `x-stage` is denied.
 */
export function dispatch({ authenticate, toolAccess }: Stages): UnaryHandler<CheckRequest, CheckResponse> {
  return async function check(message, call) {
    const stage = call.metadata(STAGE) ?? 'authenticate'
    if (stage === 'authenticate') return await authenticate(message, call.signal)
    if (stage === 'tool_access') return await toolAccess(message, call.signal)
    throw new GrpcError(status.UNIMPLEMENTED, `${STAGE} names no check`)
  }
}
