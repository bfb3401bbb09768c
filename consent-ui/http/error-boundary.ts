import type { Context, Middleware } from 'koa'
import type { Log } from '../../core/log/log.ts'
import { currentRequestId } from '../../core/log/request-context.ts'
import { describeError } from '../../core/log/describe-error.ts'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import { PerMinute } from '../../core/limits/per-minute.ts'
import { StoreAtCapacity, TooManyRequests } from '../limits/rate-limiter.ts'
import { Stopped } from '../oauth/errors.ts'
import { errorPage } from '../pages/error-page.ts'
import { en } from '../pages/texts/en/en.ts'
import { answerTo, type ErrorAnswer } from './error-answer.ts'

/** A missing key fails many requests; a few lines a minute are enough. */
const MAX_MISSING_KEY_LINES = 6

/** Some descriptions quote redirect URIs or names of parameters. */
const MAX_DESCRIPTION = 300

export function pageErrors(log: Log): Middleware {
  return boundary(log, (ctx, { page, steps, link, retryAfterSeconds }) => {
    ctx.type = 'html'
    const retry = retryAfterSeconds === undefined ? undefined : retryLink(ctx)
    ctx.body = errorPage(page, { steps, again: link ?? retry, requestId: currentRequestId() })
  })
}

/** The page of a form has the same address, so the user can send the form again from there. */
function retryLink({ method, path, search }: Context): { href: string; text: string } {
  return method === 'GET'
    ? { href: `${path}${search}`, text: en.links.tryAgain }
    : { href: path, text: en.links.backToForm }
}

/** Answers errors of endpoints with JSON, whatever Accept asks for (RFC 6749 section 5.2). */
export function jsonErrors(log: Log): Middleware {
  return boundary(log, (ctx, { error, description }) => {
    ctx.type = 'application/json'
    ctx.body = { error, error_description: description }
  })
}

/** Codes that the catalog's page knows, by ours; it shows any other as unexpected. */
const CATALOG_CODES: Readonly<Record<string, string>> = {
  invalid_client: 'invalid_client',
  unauthorized_client: 'invalid_client',
  invalid_redirect_uri: 'invalid_redirect_uri',
  invalid_request: 'invalid_request',
  invalid_target: 'invalid_resource',
  unsupported_response_type: 'unsupported_response_type',
}

/** Answers errors as the catalog's page reads them. */
export function catalogErrors(log: Log): Middleware {
  return boundary(log, (ctx, { error, description }) => {
    ctx.type = 'application/json'
    ctx.body = { error_code: CATALOG_CODES[error] ?? 'unexpected', message: description }
  })
}

function boundary(log: Log, render: (ctx: Context, answer: ErrorAnswer) => void): Middleware {
  const missingKeyLines = new PerMinute(MAX_MISSING_KEY_LINES, () => performance.now())

  function report(ctx: Context, error: unknown, { status, error: code, description }: ErrorAnswer): void {
    // The limiter logs the first of each network, and the access log has the others.
    if (error instanceof TooManyRequests || error instanceof StoreAtCapacity) return
    const route = routeOf(ctx)
    if (status < 500 || error instanceof Stopped) {
      log.info(
        { status, error: code, description: description.slice(0, MAX_DESCRIPTION), route },
        'request refused',
      )
    } else if (!(error instanceof MissingKeyError) || missingKeyLines.take()) {
      log.error({ error: describeError(error), description, route }, 'request failed: unavailable')
    }
  }

  return async function errorBoundary(ctx, next) {
    try {
      await next()
    } catch (error) {
      const answer = answerTo(error)
      ctx.status = answer.status
      ctx.remove('Location')
      ctx.set('Cache-Control', 'no-store')
      // The unread rest of the body is still on the connection, before the next request.
      if (answer.status === 413) ctx.set('Connection', 'close')
      if (answer.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(answer.retryAfterSeconds))
      report(ctx, error, answer)
      render(ctx, answer)
    }
  }
}

/** The route's pattern: the path itself holds the transaction's id. */
function routeOf(ctx: Context): unknown {
  return ctx._matchedRoute as unknown
}
