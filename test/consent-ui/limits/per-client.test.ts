import assert from 'node:assert/strict'
import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { encode } from '../support/answer.ts'
import { assertRefused, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { assertTooMany, Callers, newCaller, times } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('Rate limits per client', () => {
  const connect = beforeAll(() =>
    startConnect({
      settings: {
        RATE_LIMIT_TOKEN_FAILURES: '100/60',
        RATE_LIMIT_CODE_GUESSES: '100/60',
        RATE_LIMIT_AUTHORIZE_PER_CLIENT: '3/60',
        RATE_LIMIT_TOKEN_FAILURES_PER_CLIENT: '3/60',
        RATE_LIMIT_CODE_GUESSES_PER_CLIENT: '3/60',
      },
    }),
  )
  const callers = beforeAll(() => new Callers(connect))
  const one = beforeAll(() => connect.client('http://localhost/one'))
  const other = beforeAll(() => connect.client('http://localhost/other'))

  /** The `client_limit` alarms since the last call. */
  function alarms(): unknown[] {
    return connect.lines
      .splice(0)
      .map((line) => JSON.parse(line) as { alarm?: string; limit?: string; client?: string })
      .filter(({ alarm }) => alarm === 'client_limit')
      .map(({ limit, client }) => [limit, client])
  }

  it('log an alarm for too many authorization requests, and refuse no user', async () => {
    assert.deepEqual(new Set(await times(6, () => callers.authorize(one, newCaller()))), new Set([303]))
    assert.deepEqual(alarms(), [['authorizePerClient', fingerprintOf(one.id)]])
    assert.equal((await callers.authorize(other, newCaller())).status, 303)
    assert.deepEqual(alarms(), [])
  })

  it('still return invalid_grant once to each user after too many failures, and then 429', async () => {
    const basic = { authorization: `Basic ${Buffer.from(`${one.id}:`).toString('base64')}` }
    await times(3, () => callers.refresh(one, 'nonsense', newCaller()))
    assert.deepEqual(alarms(), [])
    const headers = newCaller()
    assertRefused(await callers.refresh(one, 'nonsense', headers), 'invalid_grant')
    assert.deepEqual(alarms(), [['tokenFailuresPerClient', fingerprintOf(one.id)]])
    assertTooMany(await callers.refresh(one, 'nonsense', headers))
    const form = { grant_type: 'refresh_token', refresh_token: 'nonsense' }
    assertTooMany(await connect.post('/auth/token', form, { ...headers, ...basic }))
    assertRefused(await callers.refresh(one, 'nonsense', newCaller()), 'invalid_grant')
    assert.equal((await callers.refresh(other, 'nonsense', headers)).status, 400)
  })

  it('count a guess by its client and grant type, also behind empty copies of both parameters', async () => {
    const third = await connect.client('http://localhost/third')
    const guess = { client_id: third.id, grant_type: 'authorization_code', code: 'nonsense' }
    const verifier = { redirect_uri: third.redirectUri, code_verifier: third.verifier }
    const body = `client_id=&grant_type=&${encode({ ...guess, ...verifier })}`
    await times(4, () => connect.post('/auth/token', body, newCaller()))
    assert.deepEqual(alarms(), [['codeGuessesPerClient', fingerprintOf(third.id)]])
  })

  it('never refuse a valid code, after any number of guesses', async () => {
    const code = await codeFor(connect, one)
    const headers = newCaller()
    assert.deepEqual(await times(4, () => callers.redeem(one, 'nonsense', headers)), [400, 400, 400, 429])
    assert.equal((await callers.redeem(one, 'nonsense', newCaller())).status, 400)
    tokensOf(await callers.redeem(one, code, headers))
  })
})
