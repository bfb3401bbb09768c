import type { Middleware } from 'koa'
import { annotateSpan, inSpan } from '../../core/tracing/span.ts'

const HEALTH = '/healthz'
/** A path that no route has may hold anything. */
const NO_ROUTE = 'no route'

/** Answers each request as a span of the trace that Envoy began. Its route stands for the path, which may hold an id. */
export function traceRequest(): Middleware {
  return async function traceRequest(ctx, next) {
    if (ctx.path === HEALTH) {
      await next()
      return
    }
    const traceparent = ctx.get('traceparent')
    await inSpan(
      () => ({ name: NO_ROUTE, kind: 'server', traceparent }),
      async () => {
        await next()
        const { _matchedRoute: matched } = ctx as { readonly _matchedRoute?: unknown }
        const route = typeof matched === 'string' ? matched : NO_ROUTE
        const answered = {
          'http.request.method': ctx.method,
          'http.route': route,
          'http.response.status_code': ctx.status,
        }
        annotateSpan(
          () => answered,
          () => `${ctx.method} ${route}`,
        )
      },
    )
  }
}
