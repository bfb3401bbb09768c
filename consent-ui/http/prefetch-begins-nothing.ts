import type { Middleware } from 'koa'

/** `Sec-Purpose` (Fetch standard), and what older browsers send for it. */
const HEADERS = ['Sec-Purpose', 'Purpose', 'X-Purpose', 'X-Moz']
const AHEAD = /^\s*(prefetch|preview)\b/i

/**
 * A browser that loads a page ahead of a click shows it to no one: our pages would use up a sign-in, open a
 * transaction or send the browser on. A browser throws an answer of 503 away, and loads the page when it is opened.
 */
export function prefetchBeginsNothing(): Middleware {
  return async function prefetchOfPage(ctx, next) {
    if (!HEADERS.some((name) => AHEAD.test(ctx.get(name)))) {
      await next()
      return
    }
    ctx.status = 503
    ctx.type = 'text'
    ctx.body = 'not loaded ahead'
  }
}
