import type { Store } from '../../../core/store/redis.ts'

/** Waits for an event; unlike `once` of node:events, an error does not reject. */
export function storeEvent(store: Store, event: 'close' | 'ready'): Promise<void> {
  return new Promise((resolve) => store.once(event, resolve))
}
