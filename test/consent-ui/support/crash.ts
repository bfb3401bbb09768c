import type { Redis } from 'ioredis'

/** Where a process dies: at its call to the store of this number, which may have been carried out by then. */
export interface Crash {
  readonly call: number
  readonly carriedOut: boolean
}

/** What ioredis hands over: a command, and the pipeline that it is part of. */
interface Command {
  readonly promise: Promise<unknown>
  readonly reject: (error: Error) => void
}
type Send = (command: Command, pipeline?: object) => unknown

/**
 * Does something while the process that does it dies at one of its calls to the store: that one has no answer, and
 * no other one is made. A pipeline is one call.
 */
export async function dyingAt<Result>(
  redis: Redis,
  crash: Crash,
  action: () => Promise<Result>,
): Promise<Result> {
  // Every command passes here, whichever of its many signatures it was called by.
  const connection = redis as unknown as { sendCommand: Send }
  const send = connection.sendCommand.bind(redis)
  let [calls, last]: [number, object | undefined] = [0, undefined]
  connection.sendCommand = (command, pipeline) => {
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
    Reflect.deleteProperty(connection, 'sendCommand')
  }
}
