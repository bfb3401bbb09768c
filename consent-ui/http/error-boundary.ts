import type { Context, Middleware } from 'koa'
import type { Log } from '../../core/log/log.ts'
import { describeError } from '../../core/log/describe-error.ts'
import { MissingKeyError } from '../../core/keys/missing-key-error.ts'
import { PerMinute } from '../../core/limits/per-minute.ts'
import { RETRY_AFTER_SECONDS } from '../lifetimes.ts'
import { StoreAtCapacity, TooManyRequests } from '../limits/rate-limiter.ts'
import { OAuthError, ShownError, Unavailable } from '../oauth/errors.ts'
import { errorPage } from '../pages/error-page.ts'

/** A missing key fails every request that needs it: a few lines a minute tell the operator. */
const MAX_MISSING_KEY_LINES = 6

/** What a caller is told. */
interface Answer {
  readonly status: number
  readonly error: string
  readonly title: string
  readonly description: string
  readonly retryAfterSeconds?: number
  readonly steps?: readonly string[]
  readonly link?: ShownError['link']
}

/** Errors of pages, for people. */
export function pageErrors(log: Log): Middleware {
  return boundary(log, (ctx, { title, description, steps, link, retryAfterSeconds }) => {
    ctx.type = 'html'
    const again = retryAfterSeconds === undefined ? undefined : wayOn(ctx)
    ctx.body = errorPage(title, description, { steps, link: link ?? again })
  })
}

/** A browser loads a page again; a form is sent again from its page, which has the same address. */
function wayOn({ method, path, search }: Context): { href: string; text: string } {
  return method === 'GET'
    ? { href: `${path}${search}`, text: 'Try again' }
    : { href: path, text: 'Back to the question' }
}

/** Errors of endpoints, for clients (RFC 6749 section 5.2, whatever Accept says). */
export function jsonErrors(log: Log): Middleware {
  return boundary(log, (ctx, { error, description }) => {
    ctx.type = 'application/json'
    ctx.body = { error, error_description: description }
  })
}

function boundary(log: Log, render: (ctx: Context, answer: Answer) => void): Middleware {
  const missingKeyLines = new PerMinute(MAX_MISSING_KEY_LINES, () => performance.now())
  // Being at capacity was said once, where it began: it lasts for many requests.
  const isToBeLogged = (error: unknown): boolean =>
    !(error instanceof StoreAtCapacity) && (!(error instanceof MissingKeyError) || missingKeyLines.take())
  return async function errorBoundary(ctx, next) {
    try {
      await next()
    } catch (error) {
      const answer = answerTo(error)
      ctx.status = answer.status
      ctx.remove('Location')
      ctx.set('Cache-Control', 'no-store')
      // What was not read of the body stays on the connection, before the next request.
      if (answer.status === 413) ctx.set('Connection', 'close')
      if (answer.retryAfterSeconds !== undefined) ctx.set('Retry-After', String(answer.retryAfterSeconds))
      if (answer.status === 503 && isToBeLogged(error)) {
        log.error(
          { error: describeError(error), route: routeOf(ctx) },
          'a request failed through our own trouble',
        )
      }
      render(ctx, answer)
    }
  }
}

const AT_CAPACITY = { status: 503, error: 'temporarily_unavailable', title: 'Too many sign-ins at once' }

/** Whatever is not a refusal is our own trouble: 503, so that nobody throws tokens away for it. */
function answerTo(error: unknown): Answer {
  if (error instanceof OAuthError) {
    return { status: error.status, error: error.code, title: 'Invalid request', description: error.message }
  }
  if (error instanceof ShownError) {
    const { status, title, message: description, steps, link } = error
    return { status, error: 'invalid_request', title, description, steps, link }
  }
  if (error instanceof TooManyRequests) {
    const { message: description, retryAfterSeconds } = error
    return {
      status: 429,
      error: 'too_many_requests',
      title: 'Too many requests',
      description,
      retryAfterSeconds,
    }
  }
  if (error instanceof StoreAtCapacity) {
    const { message: description, retryAfterSeconds } = error
    return { ...AT_CAPACITY, description, retryAfterSeconds }
  }
  const status = clientStatusOf(error)
  if (status !== undefined) {
    const description = status === 413 ? 'the body is too large' : 'the body cannot be read'
    return { status, error: 'invalid_request', title: 'Invalid request', description }
  }
  return {
    status: 503,
    error: 'temporarily_unavailable',
    title: 'Not available just now',
    retryAfterSeconds: RETRY_AFTER_SECONDS,
    description:
      error instanceof Unavailable ? `${error.message}. Try again in a moment.` : 'Try again in a moment.',
  }
}

/** The body parser's refusals carry a 4xx status. */
function clientStatusOf(error: unknown): number | undefined {
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}

/** The route's pattern, since a transaction's path names it, and that is nobody else's business. */
function routeOf(ctx: Context): unknown {
  return ctx._matchedRoute as unknown
}
