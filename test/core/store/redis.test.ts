import assert from 'node:assert/strict'
import { createLog } from '../../../core/log/log.ts'
import { connectRedis } from '../../../core/store/redis.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { storeEvent } from '../../support/store/store-event.ts'
import { startValkey, type Valkey } from '../../support/store/valkey.ts'
import { connectTo } from '../support/store.ts'

describe('The connection to Redis', () => {
  let valkey: Valkey

  beforeEach(async () => {
    valkey = await startValkey()
  })

  it('fails each command at once while Redis is down, and reconnects', async () => {
    const redis = await connectTo(valkey.url)
    await redis.set('key', 'value', 'EX', 60)
    const closed = storeEvent(redis, 'close')
    await valkey.kill()
    await closed
    const began = performance.now()
    await assert.rejects(redis.get('key'))
    assert.ok(performance.now() - began < 1000)
    const ready = storeEvent(redis, 'ready')
    await valkey.restart()
    await ready
    assert.equal(await redis.get('key'), 'value')
  })

  it('fails a command without an answer within a second', async () => {
    const redis = await connectTo(valkey.url)
    valkey.pause()
    const began = performance.now()
    await assert.rejects(redis.get('key'), /timed out/)
    assert.ok(performance.now() - began < 2000)
    valkey.resume()
  })

  it('logs the reason without the password, and does not end the process', async () => {
    const lines: string[] = []
    const log = createLog('test', 'info', { write: (line) => void lines.push(line) })
    const redis = connectRedis('redis://ada:hunter2@127.0.0.1:1', log)
    closeAfterAll(() => redis.disconnect())
    await storeEvent(redis, 'close')
    assert.match(lines.join(''), /"reason":"connect ECONNREFUSED 127\.0\.0\.1:1"/)
    assert.ok(!lines.join('').includes('hunter2'))
  })
})
