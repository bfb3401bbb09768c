import { Cluster, Command, type Redis } from 'ioredis'
import type { Store } from './redis.ts'

/** Slots of a cluster. */
const SLOTS = 16_384
const SHARES = 16
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
  return store instanceof Cluster ? store.slots[slotOf(key)]?.[0] : SINGLE
}

/** The slot of a key, or of a hash tag. */
function slotOf(key: string): number {
  return new Command('exists', [key]).getSlot()
}

/** Calls back with the name of a server whenever a connection to it closes. */
export function onConnectionClosed(store: Store, closed: (master: string) => void): void {
  if (!(store instanceof Cluster)) {
    store.on('close', () => closed(SINGLE))
    return
  }
  const watch = (node: Redis): void => void node.on('close', () => closed(nameOf(node)))
  store.nodes().forEach(watch)
  store.on('+node', watch)
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

/** Hash tags, one in each sixteenth of the slots, to spread keys over the masters of a cluster. */
export const SLOT_TAGS: readonly string[] = tagsInEachShare()

function tagsInEachShare(): string[] {
  const tags: string[] = []
  for (let number = 0; tags.filter(Boolean).length < SHARES; number += 1) {
    const share = Math.floor((slotOf(String(number)) * SHARES) / SLOTS)
    tags[share] ??= String(number)
  }
  return tags
}
