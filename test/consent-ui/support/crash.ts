import type { Redis } from 'ioredis'

/** The Redis call at which a process dies; Redis may have executed it. */
export interface Crash {
  readonly call: number
  readonly carriedOut: boolean
}

/** Runs an action whose process dies at one of its Redis calls, without a reply. A pipeline is one call. */
export async function dyingAt<Result>(
  redis: Redis,
  crash: Crash,
  action: () => Promise<Result>,
): Promise<Result> {
  const send = redis.sendCommand.bind(redis)
  let [calls, last]: [number, object | undefined] = [0, undefined]
  redis.sendCommand = (command, pipeline) => {
    if (pipeline === undefined || pipeline !== last) calls += 1
    last = pipeline
    const isLast = calls === crash.call
    if (calls < crash.call || (isLast && crash.carriedOut)) {
      const answer = send(command, pipeline)
      if (calls < crash.call || pipeline !== undefined) return answer
      return (answer as Promise<unknown>).then(() => {
        throw new Error('the process is dead')
      })
    }
    command.reject(new Error('the process is dead'))
    return command.promise
  }
  try {
    return await action()
  } finally {
    Reflect.deleteProperty(redis, 'sendCommand')
  }
}
