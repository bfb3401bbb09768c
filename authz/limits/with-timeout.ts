/** From a request's arrival to our answer, whatever is waited for: less than Envoy waits (envoy.yaml, 500 ms). */
export const ANSWER_WITHIN_MS = 450

/** It took longer than it may. */
export class TooSlowError extends Error {
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds} ms`)
    this.name = 'TooSlowError'
  }
}

/**
 * The promise's result, if it comes in time; a later one is dropped.
 *
 * @throws Error when there is none in time, or what the promise rejects with
 */
export async function within<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new TooSlowError(milliseconds)), milliseconds)
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}
