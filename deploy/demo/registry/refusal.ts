import type { Middleware } from 'koa'
import type { Log } from '../../../core/log/log.ts'
import { describeError } from '../../../core/log/describe-error.ts'

type Headers = Readonly<Record<string, string>>

/** An error response with the status and body that the Registry documents. */
export class Refusal extends Error {
  readonly status: number
  readonly body: Readonly<Record<string, string>>
  readonly headers: Headers

  constructor(status: number, body: Readonly<Record<string, string>>, headers: Headers = {}) {
    super('refused')
    this.name = 'Refusal'
    this.status = status
    this.body = body
    this.headers = headers
  }
}

/** 401 with the documented body `{"message": ...}`. */
export function notAuthenticated(message: string): Refusal {
  return new Refusal(401, { message }, { 'WWW-Authenticate': 'Bearer' })
}

/** RFC 6749 section 5.2: `invalid_client` has status 401 and names the scheme. */
export function oauthRefusal(error: string, description: string): Refusal {
  const body = { error, error_description: description }
  if (error !== 'invalid_client') return new Refusal(400, body)
  return new Refusal(401, body, { 'WWW-Authenticate': 'Basic realm="Quilt Registry"' })
}

/** Turns thrown errors into responses. */
export function answerRefusals(log: Log): Middleware {
  return async function answerRefusals(ctx, next) {
    try {
      await next()
      if (ctx.status === 404) throw new Refusal(404, { message: 'Not found.' })
    } catch (error) {
      const refusal = error instanceof Refusal ? error : unexpected(error)
      if (refusal.status >= 500) log.error({ error: describeError(error) }, 'request failed')
      ctx.status = refusal.status
      ctx.set({ ...refusal.headers, 'Cache-Control': 'no-store' })
      ctx.body = refusal.body
    }
  }
}

/** Errors of the body parser have a 4xx status. */
function unexpected(error: unknown): Refusal {
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined
  if (typeof status === 'number' && status >= 400 && status < 500) {
    return new Refusal(status, { message: 'The request body cannot be read.' })
  }
  return new Refusal(500, { message: 'Internal server error.' })
}
