import type { Store } from '../../core/store/redis.ts'

/** Waits for it; unlike `once` of node:events it does not mind the errors on the way, which are the log's. */
export function storeEvent(store: Store, event: 'close' | 'ready'): Promise<void> {
  return new Promise((resolve) => store.once(event, resolve))
}
