import { Cluster, Command, type Redis } from 'ioredis'
import type { Store } from './redis.ts'

/** The name of the only server outside a cluster. */
const SINGLE = 'single'

/**
 * The masters by name, as the first that answers sees them, so also one that just took over.
 *
 * @throws Error when no master answers
 */
export async function mastersOf(store: Store): Promise<ReadonlyMap<string, Redis | undefined>> {
  if (!(store instanceof Cluster)) return new Map([[SINGLE, store]])
  const connected = new Map(store.nodes('master').map((node) => [nameOf(node), node]))
  const names = await Promise.any([...connected.values()].map(masterNamesAt))
  if (names.some((name) => !connected.has(name))) store.refreshSlotsCache()
  return new Map(names.map((name) => [name, connected.get(name)]))
}

export function masterOf(store: Store, key: string): string | undefined {
  if (!(store instanceof Cluster)) return SINGLE
  return store.slots[new Command('exists', [key]).getSlot()]?.[0]
}

function nameOf({ options }: Redis): string {
  return `${options.host}:${options.port}`
}

async function masterNamesAt(node: Redis): Promise<string[]> {
  const ranges = await node.cluster('SLOTS')
  return [
    ...new Set(ranges.flatMap(([, , master]) => (master === undefined ? [] : `${master[0]}:${master[1]}`))),
  ]
}
