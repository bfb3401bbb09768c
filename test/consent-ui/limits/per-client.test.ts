import assert from 'node:assert/strict'
import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { encode } from '../support/answer.ts'
import { assertRefused, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { assertTooMany, Callers, somebody, times } from './support.ts'
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

  /** The alarms that were raised since, without what else is in the log. */
  function alarms(): unknown[] {
    return connect.lines
      .splice(0)
      .map((line) => JSON.parse(line) as { alarm?: string; limit?: string; client?: string })
      .filter(({ alarm }) => alarm === 'client_limit')
      .map(({ limit, client }) => [limit, client])
  }

  it('raise an alarm over authorization requests in its name, and refuse none of its users', async () => {
    assert.deepEqual(new Set(await times(6, () => callers.authorize(one, somebody()))), new Set([303]))
    assert.deepEqual(alarms(), [['authorizePerClient', fingerprintOf(one.id)]])
    assert.equal((await callers.authorize(other, somebody())).status, 303)
    assert.deepEqual(alarms(), [])
  })

  it('tell a user whose token is dead so, however many others failed, and refuse who goes on failing', async () => {
    const basic = { authorization: `Basic ${Buffer.from(`${one.id}:`).toString('base64')}` }
    await times(3, () => callers.refresh(one, 'nonsense', somebody()))
    assert.deepEqual(alarms(), [])
    const headers = somebody()
    assertRefused(await callers.refresh(one, 'nonsense', headers), 'invalid_grant')
    assert.deepEqual(alarms(), [['tokenFailuresPerClient', fingerprintOf(one.id)]])
    assertTooMany(await callers.refresh(one, 'nonsense', headers))
    const form = { grant_type: 'refresh_token', refresh_token: 'nonsense' }
    assertTooMany(await connect.post('/auth/token', form, { ...headers, ...basic }))
    assertRefused(await callers.refresh(one, 'nonsense', somebody()), 'invalid_grant')
    assert.equal((await callers.refresh(other, 'nonsense', headers)).status, 400)
  })

  it('count what is sent in its name, and as what it is, behind a first copy without a value too', async () => {
    const third = await connect.client('http://localhost/third')
    const guess = { client_id: third.id, grant_type: 'authorization_code', code: 'nonsense' }
    const verifier = { redirect_uri: third.redirectUri, code_verifier: third.verifier }
    const body = `client_id=&grant_type=&${encode({ ...guess, ...verifier })}`
    await times(4, () => connect.post('/auth/token', body, somebody()))
    assert.deepEqual(alarms(), [['codeGuessesPerClient', fingerprintOf(third.id)]])
  })

  it('never refuse the right code, however many were guessed', async () => {
    const code = await codeFor(connect, one)
    const headers = somebody()
    assert.deepEqual(await times(4, () => callers.redeem(one, 'nonsense', headers)), [400, 400, 400, 429])
    assert.equal((await callers.redeem(one, 'nonsense', somebody())).status, 400)
    tokensOf(await callers.redeem(one, code, headers))
  })
})
