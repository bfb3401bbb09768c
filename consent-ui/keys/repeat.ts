import type { Log } from '../../core/log/log.ts'
import type { Store } from '../../core/store/redis.ts'
import { describeError } from '../../core/log/describe-error.ts'
import type { Timers } from './timers.ts'

const RETRY_SECONDS = 5

/** What work in the background goes by. */
export interface Background {
  readonly store: Store
  readonly timers: Timers
  readonly log: Log
}

/**
 * Does something with the store again and again, beginning when there is one; sooner again where it failed.
 *
 * @param failure - what the log says then
 */
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
