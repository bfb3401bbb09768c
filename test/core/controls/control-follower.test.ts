import assert from 'node:assert/strict'
import { pino } from 'pino'
import type { Redis } from 'ioredis'
import { ControlFollower } from '../../../core/controls/control-follower.ts'
import { CONTROL_CHANGES, ControlStore } from '../../../core/controls/control-store.ts'
import { connectStore, connectSubscriber, type Store } from '../../../core/store/redis.ts'
import type { Stop } from '../../../core/services/stop.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { storeEvent } from '../../support/store/store-event.ts'
import { until } from '../../support/until.ts'
import { startValkey, type Valkey } from '../../support/store/valkey.ts'

const ORIGIN = 'https://connect.example.com'
const SET = { by: 'ada', at: 1_795_500_000, change: 'a change' }
const GRACE_MS = 30_000

describe('ControlFollower', () => {
  let valkey: Valkey
  let store: Store
  let subscriber: Redis
  let controlStore: ControlStore
  let passedMs: number
  let acknowledged: string[]
  const lines: string[] = []
  const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) })

  beforeEach(async () => {
    valkey = await startValkey()
    store = connectStore({ mode: 'single', urls: [valkey.url] }, log)
    subscriber = connectSubscriber({ mode: 'single', urls: [valkey.url] }, log)
    closeAfterAll(() => {
      store.disconnect()
      subscriber.disconnect()
    })
    await Promise.all([store, subscriber].map((redis) => storeEvent(redis, 'ready')))
    controlStore = new ControlStore(store, ORIGIN)
    passedMs = 0
    acknowledged = []
    lines.length = 0
  })

  function follower({ stop = new Set(), graceMs = GRACE_MS }: { stop?: Stop; graceMs?: number } = {}) {
    const controls = new ControlFollower({
      store: controlStore,
      settings: { blockedClients: { fingerprints: new Set(['fedcba9876543210']), hosts: [] }, stop },
      graceMs,
      log,
      elapsedMs: () => passedMs,
      acknowledge: (change) => {
        acknowledged.push(change)
        return Promise.resolve()
      },
    })
    closeAfterAll(() => controls.stop())
    return controls
  }

  it('adds what is in Redis to the settings', async () => {
    const controls = follower({ stop: new Set(['files']) })
    await controlStore.blockClient('0123456789abcdef', SET)
    await controlStore.blockClient('evil.example', SET)
    await controlStore.stop('platform', SET)
    await controls.refresh()
    assert.deepEqual([...controls.blocked.fingerprints], ['fedcba9876543210', '0123456789abcdef'])
    assert.equal(controls.blocked.hosts.length, 1)
    const stopped = () => ['files', 'platform', 'other'].filter((service) => controls.isStopped(service))
    assert.deepEqual([stopped(), controls.isStopped('all')], [['files', 'platform'], false])
    await controlStore.stop('all', SET)
    await controls.refresh()
    assert.deepEqual([stopped(), controls.isStopped('all')], [['files', 'platform', 'other'], true])
    assert.match(lines.join(''), /"stopped":\["platform","all"\]/)
  })

  it('keeps the object of blocked clients until it changes', async () => {
    const controls = follower()
    await controls.refresh()
    const { blocked } = controls
    await controls.refresh()
    assert.equal(controls.blocked, blocked)
    await controlStore.blockClient('evil.example', SET)
    await controls.refresh()
    assert.notEqual(controls.blocked, blocked)
  })

  it('reads a change when it is published, and acknowledges it then', async () => {
    const controls = follower()
    controls.follow(subscriber)
    await until(() => controls.isCurrent, 'the first read')
    await controlStore.stop('platform', { ...SET, change: 'stop-1' })
    await until(() => acknowledged.length > 0, 'the acknowledgement')
    assert.deepEqual(acknowledged, ['stop-1'])
    assert.ok(controls.isStopped('platform'))
  })

  it('finds a change whose message was lost, and one from before it started', async () => {
    const controls = follower()
    controls.follow(subscriber)
    await until(() => controls.isCurrent, 'the first read')
    await subscriber.unsubscribe(CONTROL_CHANGES)
    await controlStore.stop('platform', SET)
    await until(() => controls.isStopped('platform'), 'the read of each second')
    assert.deepEqual(acknowledged, [])
  })

  it('acknowledges nothing that it could not read', async () => {
    const controls = follower()
    controls.follow(subscriber)
    await until(() => controls.isCurrent, 'the first read')
    const [key = ''] = await store.keys('connect:controls:*')
    assert.equal(key, '')
    await controlStore.stop('platform', SET)
    await until(() => acknowledged.length > 0, 'the acknowledgement')
    const [written = ''] = await store.keys('connect:controls:*')
    await store.hset(written, 'record', 'no json', 'revision', 9)
    await store.publish(CONTROL_CHANGES, JSON.stringify({ change: 'unread' }))
    await until(() => lines.some((line) => line.includes('not acknowledged')), 'the line')
    assert.deepEqual(acknowledged, ['a change'])
    assert.ok(controls.isStopped('platform'))
  })

  it('is not current before the first read, nor when the last one is older than the grace', async () => {
    const controls = follower()
    assert.equal(controls.isCurrent, false)
    await controls.refresh()
    passedMs += GRACE_MS - 1
    assert.equal(controls.isCurrent, true)
    passedMs += 1
    assert.equal(controls.isCurrent, false)
    const closed = storeEvent(store, 'close')
    await valkey.kill()
    await closed
    await assert.rejects(controls.refresh())
    assert.equal(controls.isCurrent, false)
  })

  it('reads again before it allows what its controls are too old for', async () => {
    const controls = follower()
    await controls.refresh()
    assert.equal(controls.isStoppedNow('platform'), false)
    await controlStore.stop('platform', SET)
    assert.equal(controls.isStoppedNow('platform'), false)
    passedMs += GRACE_MS
    assert.equal(await controls.isStoppedNow('platform'), true)
    passedMs += GRACE_MS
    const closed = storeEvent(store, 'close')
    await valkey.kill()
    await closed
    await assert.rejects(async () => await controls.isStoppedNow('platform'))
  })

  it('without a grace is current for 2 s after a read', async () => {
    const controls = follower({ graceMs: 0 })
    await controls.refresh()
    passedMs += 1999
    assert.equal(controls.isCurrent, true)
    passedMs += 1
    assert.equal(controls.isCurrent, false)
  })

  it('M05: writes its controls again where Redis has lost them', async () => {
    const controls = follower()
    await controlStore.stop('platform', SET)
    await controls.refresh()
    await store.flushall()
    await controls.refresh()
    assert.ok(controls.isStopped('platform'))
    assert.equal((await controlStore.read()).stopped.length, 1)
    assert.match(lines.join(''), /were lost, and are written again/)
  })
})
