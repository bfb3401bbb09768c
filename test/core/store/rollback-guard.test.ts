import assert from 'node:assert/strict'
import { pino } from 'pino'
import { connectStore, type Store } from '../../../core/store/redis.ts'
import { RollbackGuard } from '../../../core/store/rollback-guard.ts'
import { MAX_LOST_MS } from '../../../core/store/store-marks.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { storeEvent } from '../../support/store/store-event.ts'
import { until } from '../../support/until.ts'
import { startValkey, type Valkey } from '../../support/store/valkey.ts'
import { connectTo } from '../support/store.ts'

describe('RollbackGuard', () => {
  let valkey: Valkey
  let store: Store
  let guard: RollbackGuard
  let rollbacks: number
  const lines: string[] = []

  beforeEach(async () => {
    valkey = await startValkey()
    const log = pino({ level: 'debug' }, { write: (line) => void lines.push(line) })
    store = connectStore({ mode: 'single', urls: [valkey.url] }, log)
    closeAfterAll(() => store.disconnect())
    rollbacks = 0
    lines.length = 0
    guard = new RollbackGuard({ store, maxGapMs: 900_000, log, onRollback: () => (rollbacks += 1) })
    await storeEvent(store, 'ready')
    await guard.requireChecked('any')
  })

  /** As if the server had lost a bit more than a failover may lose. */
  async function rollBack(): Promise<void> {
    const redis = await connectTo(valkey.url)
    const [key = ''] = await redis.keys('connect:marks:*')
    for (const name of await redis.zrange(key, '0', '-1'))
      await redis.zincrby(key, String(-MAX_LOST_MS - 5000), name)
  }

  const alarms = (): string[] => lines.filter((line) => line.includes('store_rolled_back'))

  it('compares the store after a lost connection, before anything read from it counts', async () => {
    await rollBack()
    await guard.requireChecked('any')
    assert.equal(guard.endedUntil, 0)
    const ready = storeEvent(store, 'ready')
    await valkey.restart()
    await ready
    await guard.requireChecked('any')
    assert.ok(Math.abs(guard.endedUntil - Date.now() / 1000) < 10)
    assert.equal(rollbacks, 1)
    assert.equal(guard.count, 1)
    assert.equal(alarms().length, 1)
    assert.ok(alarms()[0]?.includes('"lostSeconds":65'), alarms()[0])
  })

  it('notices a rollback without a lost connection at its next mark', async () => {
    await rollBack()
    guard.start(20)
    await until(() => guard.endedUntil > 0, 'the next mark')
    guard.stop()
    assert.equal(rollbacks, 1)
  })

  it('throws while the store cannot be compared, and compares it afterwards', async () => {
    const closed = storeEvent(store, 'close')
    await valkey.kill()
    await closed
    await assert.rejects(guard.requireChecked('any'))
    const ready = storeEvent(store, 'ready')
    await valkey.restart()
    await ready
    await guard.requireChecked('any')
    assert.equal(guard.endedUntil, 0)
  })

  it('shares one comparison between requests that wait for it', async () => {
    const ready = storeEvent(store, 'ready')
    await valkey.restart()
    await ready
    const redis = await connectTo(valkey.url)
    await redis.config('RESETSTAT')
    await Promise.all(Array.from({ length: 50 }, () => guard.requireChecked('any')))
    assert.match(await redis.info('commandstats'), /cmdstat_eval:calls=1,/)
  })
})
