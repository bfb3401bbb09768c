import type { Middleware } from 'koa'
import { REQUEST_ID_HEADER, requestIdOf, TRACE_HEADER } from '../../core/http/request-id.ts'
import { withRequestId } from '../../core/log/request-context.ts'

/** Gives every log line of a request its id. */
export function requestContext(): Middleware {
  return async function requestContext(ctx, next) {
    const own = ctx.get(REQUEST_ID_HEADER)
    await withRequestId(requestIdOf([ctx.get(TRACE_HEADER)], own), next)
  }
}
