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
