import type { Middleware } from 'koa'

/** `Sec-Purpose` (Fetch standard), and what older browsers send for it. */
const HEADERS = ['Sec-Purpose', 'Purpose', 'X-Purpose', 'X-Moz']
const AHEAD = /^\s*(prefetch|preview)\b/i

/** Answers a prefetch with 503, which browsers discard: the page would use up a sign-in or open a transaction. */
export function refusePrefetch(): Middleware {
  return async function refusePrefetch(ctx, next) {
    if (!HEADERS.some((name) => AHEAD.test(ctx.get(name)))) {
      await next()
      return
    }
    ctx.status = 503
    ctx.type = 'text'
    ctx.body = 'not loaded ahead'
  }
}
