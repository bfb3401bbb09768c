import type { Middleware } from 'koa'
import { parseParameters } from '../oauth/parameters.ts'
import { seeOther } from '../http/see-other.ts'

/** Parameters of an authorization response (RFC 6749 section 4.1.2, RFC 9207). */
const RESPONSE_PARAMETERS = ['state', 'code', 'iss', 'error', 'error_description'] as const

/**
 * POST /connect/callback, for a provider that answers with `response_mode=form_post`. A browser sends our cookie with no
 * POST from another site, but with the GET that follows. @param callbackUrl - `<origin>/connect/callback`
 */
export function callbackByForm(callbackUrl: string): Middleware {
  return function callbackByForm(ctx) {
    const { parameters } = parseParameters(typeof ctx.request.body === 'string' ? ctx.request.body : '')
    const query = new URLSearchParams()
    for (const name of RESPONSE_PARAMETERS) {
      const value = parameters.get(name)
      if (value !== undefined) query.set(name, value)
    }
    seeOther(ctx, `${callbackUrl}?${query.toString()}`)
  }
}
