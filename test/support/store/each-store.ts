import { Cluster, type Redis } from 'ioredis'
import { createLog } from '../../../core/log/log.ts'
import { connectStore, connectSubscriber, type Store } from '../../../core/store/redis.ts'
import type { StoreSettings } from '../../../core/store/store-settings.ts'
import { closeAfterAll, sharedByFiles } from '../close-after-all.ts'
import { channelMessages } from './channel-messages.ts'
import { storeEvent } from './store-event.ts'
import { startValkey } from './valkey.ts'
import { startValkeyCluster } from './valkey-cluster.ts'

const SILENT = createLog('test', 'silent')

/** A real store, with helpers for tests. */
export interface TestStore {
  readonly store: Store
  masters(): readonly Redis[]
  keys(): Promise<string[]>
  /** Subscribes to a channel. */
  listenTo(channel: string): Promise<{ next(): Promise<string> }>
}

const startSingle = sharedByFiles(async () => {
  const { url } = await startValkey()
  return await connectTo({ mode: 'single', urls: [url] })
})
const startCluster = sharedByFiles(async () => await connectTo((await startValkeyCluster()).settings))

/** Runs the same tests on a single server and on a cluster of three, each empty before each test. */
export function onEachStore(title: string, suite: (current: () => TestStore) => void): void {
  const kinds = [
    ['a single server', startSingle],
    ['a cluster', startCluster],
  ] as const
  for (const [kind, start] of kinds) {
    describe(`${title}, on ${kind}`, () => {
      let current: TestStore
      before(async () => {
        current = await start()
      })
      beforeEach(() => Promise.all(current.masters().map((master) => master.flushall())))
      suite(() => current)
    })
  }
}

async function connectTo(settings: StoreSettings): Promise<TestStore> {
  const store = connectStore(settings, SILENT)
  closeAfterAll(() => store.disconnect())
  await storeEvent(store, 'ready')
  const masters = (): Redis[] => (store instanceof Cluster ? store.nodes('master') : [store])
  return {
    store,
    masters,
    keys: async () => (await Promise.all(masters().map((master) => master.keys('*')))).flat(),
    listenTo: (channel) => listenTo(settings, channel),
  }
}

async function listenTo(settings: StoreSettings, channel: string): Promise<{ next(): Promise<string> }> {
  const subscriber = connectSubscriber(settings, SILENT)
  closeAfterAll(() => subscriber.disconnect())
  await storeEvent(subscriber, 'ready')
  return await channelMessages(subscriber, channel)
}
