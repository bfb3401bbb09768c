import type { Context, Middleware } from 'koa'
import type { Log } from '../core/log.ts'
import { OAuthError, ShownError, Unavailable } from './oauth/errors.ts'
import { errorPage } from './pages/error-page.ts'

const RETRY_AFTER_SECONDS = 5

/** What a caller is told. */
interface Answer {
  readonly status: number
  readonly error: string
  readonly title: string
  readonly description: string
}

/** Errors of pages, for people. */
export function pageErrors(log: Log): Middleware {
  return boundary(log, (ctx, { status, title, description }) => {
    ctx.type = 'html'
    // A browser loads the page again; a form it does not send again by itself.
    ctx.body = errorPage(title, description, status === 503 && ctx.method === 'GET' ? ctx.url : undefined)
  })
}

/** Errors of endpoints, for clients (RFC 6749 section 5.2, whatever Accept says). */
export function jsonErrors(log: Log): Middleware {
  return boundary(log, (ctx, { error, description }) => {
    ctx.type = 'application/json'
    ctx.body = { error, error_description: description }
  })
}

function boundary(log: Log, render: (ctx: Context, answer: Answer) => void): Middleware {
  return async function errorBoundary(ctx, next) {
    try {
      await next()
    } catch (error) {
      const answer = answerTo(error)
      ctx.status = answer.status
      ctx.remove('Location')
      ctx.set('Cache-Control', 'no-store')
      if (answer.status === 503) {
        ctx.set('Retry-After', String(RETRY_AFTER_SECONDS))
        log.error({ error: describe(error), path: ctx.path }, 'a request failed through our own trouble')
      }
      render(ctx, answer)
    }
  }
}

/** Whatever is not a refusal is our own trouble: 503, so that nobody throws tokens away for it. */
function answerTo(error: unknown): Answer {
  if (error instanceof OAuthError) {
    return { status: error.status, error: error.code, title: 'Invalid request', description: error.message }
  }
  if (error instanceof ShownError) {
    return { status: error.status, error: 'invalid_request', title: error.title, description: error.message }
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
    description:
      error instanceof Unavailable ? `${error.message}. Try again in a moment.` : 'Try again in a moment.',
  }
}

/** The body parser's refusals carry a 4xx status. */
function clientStatusOf(error: unknown): number | undefined {
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}

/** Messages of causes tell the operator more; none of ours holds a secret. */
function describe(error: unknown): string {
  if (!(error instanceof Error)) return 'not an error'
  return error.cause === undefined ? error.message : `${error.message}: ${describe(error.cause)}`
}
