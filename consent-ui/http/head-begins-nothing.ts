import type { Middleware } from 'koa'

/**
 * Whoever only wants to know whether a page is there (mail scanners, link previews) begins nothing with it: what a
 * page stores, uses up or sends on, it does for somebody who sees it (RFC 9110 section 9.2.1).
 */
export function headBeginsNothing(): Middleware {
  return async function headOfPage(ctx, next) {
    if (ctx.method !== 'HEAD') {
      await next()
      return
    }
    ctx.status = 200
    ctx.type = 'html'
  }
}
