import { Cluster, Command, type Redis } from 'ioredis'
import type { Store } from './redis.ts'

/** What the one server of a store that is no cluster is called. */
const SINGLE = 'single'

/**
 * The masters of the store by name, as whichever of them answers first sees them now: one that took over a
 * moment ago is among them. Without a connection where there is none yet; it is made, and there the next time.
 *
 * @throws Error where none of them answers
 */
export async function mastersOf(store: Store): Promise<ReadonlyMap<string, Redis | undefined>> {
  if (!(store instanceof Cluster)) return new Map([[SINGLE, store]])
  const connected = new Map(store.nodes('master').map((node) => [nameOf(node), node]))
  const names = await Promise.any([...connected.values()].map(masterNamesAt))
  if (names.some((name) => !connected.has(name))) store.refreshSlotsCache()
  return new Map(names.map((name) => [name, connected.get(name)]))
}

/** The name of the master that has a key, as far as it is known. */
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
