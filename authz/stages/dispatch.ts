import { status } from '@grpc/grpc-js'
import type { Check } from './authenticate.ts'
import type { CheckRequest } from '../envoy/check-request.ts'
import type { CheckResponse } from '../envoy/check-response.ts'
import { GrpcError, type UnaryHandler } from '../envoy/grpc-handlers.ts'
import type { Process } from './list-filter.ts'

/** The three questions that Envoy's filters ask, in their order. */
export interface Stages {
  /** Who is this, and may they pass. */
  readonly authenticate: Check
  /** May this call be made. */
  readonly toolAccess: Check
  /** What of this answer may be shown. */
  readonly listFilter: Process
}

/** Request metadata that a filter's configuration sets (`initial_metadata`); no client can write there. */
const STAGE = 'x-stage'

/**
 * Both checks come in by one method. Without a stage it is the first: asked by the second filter, it finds no
 * credential, which that filter does not send, and refuses.
 */
export function dispatch({ authenticate, toolAccess }: Stages): UnaryHandler<CheckRequest, CheckResponse> {
  return async function checkOfStage(request, call) {
    const stage = call.metadata(STAGE) ?? 'authenticate'
    if (stage === 'authenticate') return await authenticate(request, call)
    if (stage === 'tool_access') return await toolAccess(request, call)
    throw new GrpcError(status.UNIMPLEMENTED, `${STAGE} names no check`)
  }
}
