import type { Middleware } from 'koa'

/** HEAD must run nothing: link previews would use up a sign-in or open a transaction (RFC 9110 section 9.2.1). */
export function answerHead(): Middleware {
  return async function answerHead(ctx, next) {
    if (ctx.method !== 'HEAD') {
      await next()
      return
    }
    ctx.status = 200
    ctx.type = 'html'
  }
}
