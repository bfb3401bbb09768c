import assert from 'node:assert/strict'
import { tokensOf, type TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { assertTooMany, Callers, somebody, times } from './support.ts'

describe('Rate limits per client', () => {
  let connect: Connect
  let callers: Callers
  let one: TestClient
  let other: TestClient

  before(async () => {
    connect = await startConnect({
      settings: {
        RATE_LIMIT_AUTHORIZE_PER_CLIENT: '3/60',
        RATE_LIMIT_TOKEN_FAILURES_PER_CLIENT: '3/60',
        RATE_LIMIT_CODE_GUESSES_PER_CLIENT: '3/60',
      },
    })
    callers = new Callers(connect)
    one = await connect.client('http://localhost/one')
    other = await connect.client('http://localhost/other')
  })

  it('count authorization requests from everywhere, and leave other clients alone', async () => {
    assert.deepEqual(await times(4, () => callers.authorize(one, somebody())), [303, 303, 303, 429])
    assert.equal((await callers.authorize(other, somebody())).status, 303)
  })

  it('count failures of a client from everywhere, named in the body or by HTTP Basic', async () => {
    const basic = { authorization: `Basic ${Buffer.from(`${one.id}:`).toString('base64')}` }
    await times(3, () => callers.refresh(one, 'nonsense', somebody()))
    assertTooMany(await callers.refresh(one, 'nonsense', somebody()))
    const form = { grant_type: 'refresh_token', refresh_token: 'nonsense' }
    assertTooMany(await connect.post('/auth/token', form, { ...somebody(), ...basic }))
    assert.equal((await callers.refresh(other, 'nonsense', somebody())).status, 400)
  })

  it('count guesses of a code from everywhere, and never refuse the right one', async () => {
    const { redis } = connect
    await redis.del(...(await redis.keys('connect:limit:authorizePerClient:*')))
    const code = await codeFor(connect, one)
    assert.deepEqual(await times(4, () => callers.redeem(one, 'nonsense', somebody())), [400, 400, 400, 429])
    tokensOf(await callers.redeem(one, code, somebody()))
  })
})
