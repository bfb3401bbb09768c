import type { Middleware } from 'koa'
import { OAuthError } from '../oauth/errors.ts'

/** An endpoint's answer to every other method: in a query, its parameters would end up in logs (RFC 6749 section 3.2). */
export function postOnly(): Middleware {
  return function refuseOtherMethods(ctx) {
    ctx.set('Allow', 'POST')
    if (ctx.method !== 'OPTIONS')
      throw new OAuthError('invalid_request', 'this endpoint takes POST alone', 405)
    ctx.status = 204
  }
}
