/** From the arrival of a request to authz's answer; Envoy waits 500 ms (envoy.yaml). */
export const ANSWER_TIMEOUT_MS = 450

export class TimeoutError extends Error {
  constructor(milliseconds: number) {
    super(`no answer within ${milliseconds} ms`)
    this.name = 'TimeoutError'
  }
}

/** @throws TimeoutError when the promise does not settle in time */
export async function withTimeout<Value>(milliseconds: number, promise: Promise<Value>): Promise<Value> {
  const { promise: timeout, reject } = Promise.withResolvers<never>()
  const timer = setTimeout(() => reject(new TimeoutError(milliseconds)), milliseconds)
  try {
    return await Promise.race([promise, timeout])
  } finally {
    clearTimeout(timer)
  }
}
