import { bodyParser } from '@koa/bodyparser'
import type { Context, Middleware } from 'koa'
import { OAuthError } from '../oauth/errors.ts'

/** Registration, token and revocation bodies are small. */
export const BODY_LIMIT = '64kb'
const FORM = 'application/x-www-form-urlencoded'
const JSON_TYPE = 'application/json'
const UNCOMPRESSED = new Set(['', 'identity'])

/** Reads a form as text: OAuth, not a form library, says what a repeated name means. */
export function formBody(): Middleware {
  const parse = bodyParser({ enableTypes: ['text'], extendTypes: { text: [FORM] }, textLimit: BODY_LIMIT })
  return of(FORM, parse)
}

export function jsonBody(): Middleware {
  return of(JSON_TYPE, bodyParser({ enableTypes: ['json'], jsonLimit: BODY_LIMIT }))
}

/** The parser accepts other types too, and answers damaged compression with 500. */
function of(type: string, parse: Middleware): Middleware {
  return async function onlyThisType(ctx: Context, next) {
    if (ctx.is(type) !== type) throw new OAuthError('invalid_request', `the body must be ${type}`)
    if (!UNCOMPRESSED.has(ctx.get('Content-Encoding').toLowerCase())) {
      throw new OAuthError('invalid_request', 'the body must not be compressed', 415)
    }
    await parse(ctx, next)
  }
}
