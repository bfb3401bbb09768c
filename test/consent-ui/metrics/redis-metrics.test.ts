import assert from 'node:assert/strict'
import { Registry } from '@prometheus-io/client'
import { pino } from 'pino'
import { keepRedisMetrics } from '../../../consent-ui/metrics/redis-metrics.ts'
import { connectRedis } from '../../../core/store/redis.ts'
import { beforeAll } from '../../support/before-all.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { ScrapedMetrics } from '../../support/scraped-metrics.ts'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'

describe('The metrics of Redis in consent-ui', () => {
  const valkey = beforeAll(() => startValkey())
  const redis = beforeAll(async () => {
    const connection = connectRedis(valkey.url, pino({ level: 'silent' }))
    closeAfterAll(() => connection.disconnect())
    await until(() => connection.status === 'ready', 'the connection')
    return connection
  })
  const registry = beforeAll(() => {
    const shown = new Registry()
    closeAfterAll(keepRedisMetrics(shown, redis))
    return Promise.resolve(shown)
  })

  async function valueOf(series: string): Promise<number> {
    const metrics = new ScrapedMetrics(await registry.metrics())
    return metrics.valueOf(`connect_consent_ui_redis_${series}`) ?? NaN
  }
  const commands = async (outcome: string): Promise<number> =>
    await valueOf(`command_duration_seconds_count{outcome="${outcome}"}`)

  it('time a command and a script that Redis answers', async () => {
    const before = await commands('answered')
    await redis.set('key', 'value', 'EX', 60)
    await redis.eval("return redis.call('GET', KEYS[1])", 1, 'key')
    assert.equal((await commands('answered')) - before, 2)
    assert.equal(await commands('failed'), 0)
    const text = await registry.metrics()
    for (const argument of ['key', 'value']) assert.ok(!text.includes(`"${argument}"`))
  })

  it('time a command that Redis refuses, and one that it does not answer in time', async () => {
    const before = await commands('failed')
    await assert.rejects(redis.incr('key'))
    valkey.pause()
    try {
      await assert.rejects(redis.get('key'))
    } finally {
      valkey.resume()
    }
    assert.equal((await commands('failed')) - before, 2)
    // A timer of Node may end a millisecond early.
    assert.ok((await valueOf('command_duration_seconds_sum{outcome="failed"}')) >= 0.99)
  })

  it('show a lost connection', async () => {
    assert.equal(await valueOf('connected'), 1)
    redis.disconnect()
    await until(() => redis.status === 'end', 'the end of the connection')
    assert.equal(await valueOf('connected'), 0)
  })
})
