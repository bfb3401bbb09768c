import type { Middleware } from 'koa'
import { OAuthError } from '../oauth/errors.ts'

/** Refuses every method but POST: parameters in a query would be logged (RFC 6749 section 3.2). */
export function postOnly(): Middleware {
  return function postOnly(ctx) {
    ctx.set('Allow', 'POST')
    if (ctx.method !== 'OPTIONS')
      throw new OAuthError('invalid_request', 'this endpoint accepts only POST', 405)
    ctx.status = 204
  }
}
