import { describeError } from '../../core/log/describe-error.ts'
import type { Log } from '../../core/log/log.ts'
import type { Store } from '../../core/store/redis.ts'

const RETRY_SECONDS = 5

/** Runs actions later in this process. */
export interface Timers {
  after(seconds: number, action: () => void): void
}

/** Timers by the machine's clock that keep no process alive. */
export const systemTimers: Timers = {
  after: (seconds, action) => void setTimeout(action, seconds * 1000).unref(),
}

export interface Background {
  readonly store: Store
  readonly timers: Timers
  readonly log: Log
}

/** Repeats work with Redis once it is connected, sooner after an error. `failure` is the log message for an error. */
export function repeat(
  { store, timers, log }: Background,
  work: () => Promise<void>,
  { everySeconds, failure }: { readonly everySeconds: number; readonly failure: string },
): void {
  async function turn(): Promise<void> {
    try {
      await work()
      timers.after(everySeconds, begin)
    } catch (error) {
      log.warn({ reason: describeError(error) }, failure)
      timers.after(RETRY_SECONDS, begin)
    }
  }
  const begin = (): void => void turn()
  if (store.status === 'ready') begin()
  else store.once('ready', begin)
}
