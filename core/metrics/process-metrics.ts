import { collectDefaultMetrics, type Registry } from '@prometheus-io/client'

/**
 * How often the event loop's delay and utilization are sampled. At the client's defaults of 10 and 100 ms, the two take 1 %
 * of a processor core of an idle process.
 */
const SAMPLING = { eventLoopMonitoringPrecision: 50, eventLoopUtilizationTimeout: 1000 }

/** Adds Node's own: delay of the event loop, heap, garbage collection, processor time, open files. */
export function keepProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry, ...SAMPLING })
}
