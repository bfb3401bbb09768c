import assert from 'node:assert/strict'
import { Cluster } from 'ioredis'
import { createLog } from '../../../core/log/log.ts'
import { connectStore, connectSubscriber, type Store } from '../../../core/store/redis.ts'
import type { StoreSettings } from '../../../core/store/store-settings.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { storeEvent } from '../../support/store/store-event.ts'
import { startTcpProxy } from '../../support/tcp-proxy.ts'
import { distrustTestServer, TEST_SERVER, trustTestServer } from '../../support/tls/test-server.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { startValkeyCluster } from '../../support/store/valkey-cluster.ts'
import { connectTo } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('connectStore', () => {
  let lines: string[]

  const valkey = beforeAll(() => startValkey())

  beforeEach(() => {
    lines = []
  })

  function log() {
    return createLog('test', 'info', { write: (line) => void lines.push(line) })
  }

  function connect(settings: StoreSettings): Store {
    const store = connectStore(settings, log())
    closeAfterAll(() => store.disconnect())
    return store
  }

  async function usable(settings: StoreSettings): Promise<void> {
    const store = connect(settings)
    await storeEvent(store, 'ready')
    assert.equal(await store.set('key', 'value', 'EX', 60), 'OK')
    assert.equal(await store.get('key'), 'value')
  }

  it('sends user names and passwords with special characters', async () => {
    const admin = await connectTo(valkey.url)
    await admin.call('ACL', 'SETUSER', 'a@b', 'on', '>p/w:%', '~*', '&*', '+@all')
    const { port } = await startTcpProxy({ path: valkey.socket })
    await usable({ mode: 'single', urls: [`redis://a%40b:p%2Fw%3A%25@127.0.0.1:${port}`] })
    const stranger = connect({ mode: 'single', urls: [`redis://a%40b:other@127.0.0.1:${port}`] })
    await storeEvent(stranger, 'close')
    assert.ok(lines.some((line) => line.includes('WRONGPASS')))
    assert.ok(!lines.join('').includes('other'))
  })

  describe('with a user name and a password beside the URL', () => {
    const credentials = { username: 'connect', password: 'p/w:%@' }
    const rights = [`>${credentials.password}`, '~*', '&*', '+@all']

    async function usersOf({ urls, mode }: StoreSettings): Promise<unknown[]> {
      const store = connect({ mode, urls, credentials })
      const subscriber = connectSubscriber({ mode, urls, credentials }, log())
      closeAfterAll(() => subscriber.disconnect())
      await Promise.all([storeEvent(store, 'ready'), storeEvent(subscriber, 'ready')])
      const nodes = store instanceof Cluster ? store.nodes() : [store]
      return await Promise.all([...nodes, subscriber].map((redis) => redis.call('ACL', 'WHOAMI')))
    }

    it('authenticates over TCP and at a socket', async () => {
      const admin = await connectTo(valkey.url)
      await admin.call('ACL', 'SETUSER', 'connect', 'on', ...rights)
      const { port } = await startTcpProxy({ path: valkey.socket })
      for (const url of [`redis://127.0.0.1:${port}`, valkey.url])
        assert.deepEqual(await usersOf({ mode: 'single', urls: [url] }), ['connect', 'connect'])
    })

    it('authenticates with a password only, as the user "default"', async () => {
      const { url } = await startValkey({ requirepass: 'p' })
      await usable({ mode: 'single', urls: [url], credentials: { password: 'p' } })
      const refused = connect({ mode: 'single', urls: [url], credentials: { password: 'hunter2' } })
      await storeEvent(refused, 'close')
      assert.ok(lines.some((line) => line.includes('WRONGPASS')))
      assert.ok(!lines.join('').includes('hunter2'))
    })

    it('authenticates at every node of a cluster', async () => {
      const { settings, nodes } = await startValkeyCluster()
      for (const { redis } of nodes) {
        await redis.call('ACL', 'SETUSER', 'connect', 'on', ...rights)
        await redis.call('ACL', 'SETUSER', 'default', 'off')
      }
      const users = await usersOf({ ...settings, urls: [settings.urls[0]] })
      assert.deepEqual(users, Array(4).fill('connect'))
    })
  })

  describe('with TLS', () => {
    it('refuses an untrusted certificate, and accepts a trusted one', async () => {
      const { port } = await startTcpProxy({ path: valkey.socket }, { tls: TEST_SERVER })
      const settings = { mode: 'single', urls: [`rediss://localhost:${port}`] } as const
      distrustTestServer()
      const refused = connect(settings)
      await storeEvent(refused, 'close')
      refused.disconnect()
      assert.ok(lines.some((line) => line.includes('self-signed certificate')))
      trustTestServer()
      await usable(settings)
    })

    it('reaches every node of a cluster', async () => {
      trustTestServer()
      const announced = await freePorts(2)
      const { nodes } = await startValkeyCluster(2, announced)
      for (const [index, { port }] of nodes.entries()) {
        await startTcpProxy({ port, host: '127.0.0.1' }, { port: announced[index] ?? 0, tls: TEST_SERVER })
      }
      const store = connect({ mode: 'cluster', urls: [`rediss://localhost:${announced[0]}`] })
      await storeEvent(store, 'ready')
      for (const key of ['a', 'b', 'c', 'd']) assert.equal(await store.set(key, 'value', 'EX', 60), 'OK')
      const held = await Promise.all(nodes.map(({ redis }) => redis.dbsize()))
      assert.ok(held.every((count) => count > 0) && held.reduce((sum, count) => sum + count, 0) === 4)
    })
  })

  describe('to subscribe on', () => {
    it('tries the next node when one does not answer', async () => {
      const [closed = 0] = await freePorts(1)
      const { port } = await startTcpProxy({ path: valkey.socket })
      const urls = [`redis://127.0.0.1:${closed}`, `redis://127.0.0.1:${port}`] as const
      const subscriber = connectSubscriber({ mode: 'cluster', urls }, log())
      closeAfterAll(() => subscriber.disconnect())
      await storeEvent(subscriber, 'ready')
      assert.equal(await subscriber.subscribe('channel'), 1)
    })

    it('does not subscribe again by itself', async () => {
      const subscriber = connectSubscriber({ mode: 'single', urls: [valkey.url] }, log())
      closeAfterAll(() => subscriber.disconnect())
      await storeEvent(subscriber, 'ready')
      await subscriber.subscribe('once')
      const again = storeEvent(subscriber, 'ready')
      subscriber.disconnect(true)
      await again
      const admin = await connectTo(valkey.url)
      assert.deepEqual(await admin.pubsub('NUMSUB', 'once'), ['once', 0])
    })
  })

  it('reconnects when nothing arrives for three seconds', async () => {
    const proxy = await startTcpProxy({ path: valkey.socket })
    const store = connect({ mode: 'single', urls: [`redis://127.0.0.1:${proxy.port}`] })
    await storeEvent(store, 'ready')
    proxy.freeze()
    const again = storeEvent(store, 'ready')
    const begun = performance.now()
    await assert.rejects(store.get('key'), /timed out/)
    await again
    assert.ok(performance.now() - begun < 4500)
    assert.equal(proxy.connections, 2)
    assert.equal(await store.set('key', 'value', 'EX', 60), 'OK')
  })
})
