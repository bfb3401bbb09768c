import type { Context } from 'koa'

/** Sends the browser on with a GET (RFC 9110 section 15.4.4). The address is sent as it is: Koa would write it anew. */
export function seeOther(ctx: Context, location: string): void {
  ctx.status = 303
  ctx.set('Location', location)
  ctx.body = ''
}
