import type { Context } from 'koa'

/** Redirects with a GET (RFC 9110 section 15.4.4). Koa's own redirect would re-encode the address. */
export function seeOther(ctx: Context, location: string): void {
  ctx.status = 303
  ctx.set('Location', location)
  ctx.body = ''
}
