import { Gauge, type Registry } from '@prometheus-io/client'

/** Registers a value that is read when it is scraped. */
export function keepGauge(
  registry: Registry,
  description: { readonly name: string; readonly help: string },
  read: () => number,
): void {
  const gauge: Gauge = new Gauge({
    ...description,
    registers: [registry],
    collect: () => {
      gauge.set(read())
    },
  })
}
