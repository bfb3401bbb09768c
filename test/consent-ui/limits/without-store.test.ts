import assert from 'node:assert/strict'
import { until } from '../../support/until.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { startConnect } from '../support/connect.ts'
import { assertTooMany, Callers, newCaller, times } from './support.ts'

describe('Rate limits without Redis', () => {
  it('apply to registrations in each process until Redis is back', async () => {
    const valkey = await startValkey()
    const connect = await startConnect({ valkey, settings: { RATE_LIMIT_REGISTER: '3/60' } })
    const callers = new Callers(connect)
    const headers = newCaller()
    await valkey.kill()
    await until(() => connect.redis.status !== 'ready', 'the lost connection')
    assert.deepEqual(await times(3, () => callers.register(headers)), [201, 201, 201])
    assertTooMany(await callers.register(headers))
    await valkey.restart()
    await until(() => connect.redis.status === 'ready', 'the connection')
    assert.equal((await callers.register(headers)).status, 201)
  })

  it('apply to registrations while Redis hangs', async () => {
    const valkey = await startValkey()
    const connect = await startConnect({ valkey, settings: { RATE_LIMIT_REGISTER: '1/60' } })
    const callers = new Callers(connect)
    const headers = newCaller()
    valkey.pause()
    try {
      assert.equal((await callers.register(headers)).status, 201)
      assertTooMany(await callers.register(headers))
    } finally {
      valkey.resume()
    }
  })
})
