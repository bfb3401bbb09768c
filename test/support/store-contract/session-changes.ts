import assert from 'node:assert/strict'
import type { Store } from '../../../core/store/redis.ts'
import {
  acknowledge,
  enlistAuthz,
  liveAuthz,
  publishAuthzHeartbeat,
  readAcknowledgement,
  readSessionMessage,
  SESSION_CHANGES,
  SESSION_CHANGES_ACKNOWLEDGED,
} from '../../../core/sessions/session-changes.ts'
import type { TestStore } from '../store/each-store.ts'

const AUTHZ_LIST = 'connect:authz'

export const BEAT = { beat: 'authz-1', master: '127.0.0.1:6379', sentMs: 1.5 }

/** The contract of the channel of changes and the list of live processes, on every kind of store. */
export function sessionChangesContract(current: () => TestStore): void {
  let redis: Store

  beforeEach(() => {
    redis = current().store
  })

  it('acknowledge a change', async () => {
    const heard = await current().listenTo(SESSION_CHANGES_ACKNOWLEDGED)
    await acknowledge(redis, { change: 'c', by: 'authz-1' })
    assert.deepEqual(readAcknowledgement(await heard.next()), { change: 'c', by: 'authz-1' })
  })

  it('return on the channel of changes, from every master', async () => {
    const heard = await current().listenTo(SESSION_CHANGES)
    for (const master of current().masters()) {
      await publishAuthzHeartbeat(master, BEAT)
      assert.deepEqual(readSessionMessage(await heard.next()), BEAT)
    }
  })

  it('list each live process once', async () => {
    assert.deepEqual(await liveAuthz(redis), [])
    for (const name of ['authz-1', 'authz-2', 'authz-1']) await enlistAuthz(redis, name)
    assert.deepEqual((await liveAuthz(redis)).sort(), ['authz-1', 'authz-2'])
  })

  it('use the store’s clock, and expire after three seconds', async () => {
    await enlistAuthz(redis, 'authz-1')
    const beaten = Number(await redis.zscore(AUTHZ_LIST, 'authz-1'))
    const [seconds] = await redis.time()
    assert.ok(Math.abs(beaten - Number(seconds) * 1000) < 2000)
    await redis.zadd(AUTHZ_LIST, beaten - 3500, 'authz-1')
    assert.deepEqual(await liveAuthz(redis), [])
  })

  it('forget dead processes, and leave no key when all are dead', async () => {
    await enlistAuthz(redis, 'dead')
    await redis.zadd(AUTHZ_LIST, 1000, 'dead')
    await enlistAuthz(redis, 'alive')
    assert.deepEqual(await redis.zrange(AUTHZ_LIST, '0', '-1'), ['alive'])
    const lifetimeMs = await redis.pttl(AUTHZ_LIST)
    assert.ok(lifetimeMs > 0 && lifetimeMs <= 3000)
  })
}
