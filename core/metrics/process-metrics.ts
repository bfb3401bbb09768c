import { collectDefaultMetrics, type Registry } from '@prometheus-io/client'

/** Adds Node's own: delay of the event loop, heap, garbage collection, processor time, open files. */
export function keepProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry })
}
