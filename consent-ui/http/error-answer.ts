import { STOPPED_RETRY_AFTER_SECONDS } from '../../core/services/stop.ts'
import { RETRY_AFTER_SECONDS } from '../lifetimes.ts'
import { StoreAtCapacity, TooManyRequests } from '../limits/rate-limiter.ts'
import { OAuthError, ShownError, Stopped, Unavailable, type Explanation } from '../oauth/errors.ts'
import { en } from '../pages/texts/en/en.ts'

/** How an error is answered, as JSON or as a page. */
export interface ErrorAnswer {
  readonly status: number
  readonly error: string
  /** In JSON and in the log. */
  readonly description: string
  readonly page: Explanation
  readonly retryAfterSeconds?: number
  readonly steps?: readonly string[]
  readonly link?: ShownError['link']
}

/** Every error that is not a refusal is 503, so that clients keep their tokens. */
export function answerTo(error: unknown): ErrorAnswer {
  if (error instanceof OAuthError) {
    const { status, code, message: description } = error
    return { status, error: code, description, page: en.errors.invalidRequest(description) }
  }
  if (error instanceof ShownError) {
    const { status, title, message: text, steps, link } = error
    return { status, error: 'invalid_request', description: text, page: { title, text }, steps, link }
  }
  const status = clientStatusOf(error)
  return status === undefined ? answerLater(error) : answerToBody(status)
}

function answerToBody(status: number): ErrorAnswer {
  return {
    status,
    error: 'invalid_request',
    ...(status === 413
      ? { description: 'the body is too large', page: en.errors.bodyTooLarge }
      : { description: 'the body cannot be read', page: en.errors.bodyUnreadable }),
  }
}

/** The same request may succeed later. */
function answerLater(error: unknown): ErrorAnswer {
  if (error instanceof TooManyRequests) {
    const { message: description, retryAfterSeconds } = error
    const page = en.errors.tooManyRequests(retryAfterSeconds)
    return { status: 429, error: 'too_many_requests', description, page, retryAfterSeconds }
  }
  const unavailable = { status: 503, error: 'temporarily_unavailable' }
  if (error instanceof StoreAtCapacity) {
    const { message: description, retryAfterSeconds } = error
    const page = en.errors.tooManySignIns(retryAfterSeconds)
    return { ...unavailable, description, page, retryAfterSeconds }
  }
  if (error instanceof Stopped) {
    const page = en.errors.stopped(error.what)
    return {
      ...unavailable,
      description: error.message,
      page,
      retryAfterSeconds: STOPPED_RETRY_AFTER_SECONDS,
    }
  }
  const fault = error instanceof Unavailable ? error.message : undefined
  const description = [fault, 'Try again in a moment.'].filter((part) => part !== undefined).join('. ')
  const page = en.errors.unavailable(fault)
  return { ...unavailable, description, page, retryAfterSeconds: RETRY_AFTER_SECONDS }
}

/** The body parser's errors carry a 4xx status. */
function clientStatusOf(error: unknown): number | undefined {
  const status: unknown = error instanceof Error && 'status' in error ? error.status : undefined
  return typeof status === 'number' && status >= 400 && status < 500 ? status : undefined
}
