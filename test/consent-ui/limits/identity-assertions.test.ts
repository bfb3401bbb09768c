import assert from 'node:assert/strict'
import { beforeAll } from '../../support/before-all.ts'
import { claimsOf, present, READER, SECRET, signed, startEnterprise } from '../enterprise/support.ts'
import { assertRefused } from '../support/client.ts'
import { basic } from '../support/confidential-client.ts'
import { assertTooMany, newCaller, times } from './support.ts'

const MAX_FAILURES = 3

describe('Identity assertions from an address that has reached the limit of failures', () => {
  const connect = beforeAll(() =>
    startEnterprise({ settings: { RATE_LIMIT_TOKEN_FAILURES: `${MAX_FAILURES}/60` } }),
  )

  it('J11: are refused with 429 if they are forged, and served if the identity provider signed them', async () => {
    const headers = { ...newCaller(), ...basic(READER, SECRET) }
    await times(MAX_FAILURES, async () => {
      const answer = await present(connect, 'made-up', { headers })
      assertRefused(answer, 'invalid_grant')
      return answer
    })
    assertTooMany(await present(connect, 'made-up', { headers }))
    const genuine = await signed(connect, claimsOf(connect))
    assert.equal((await present(connect, genuine, { headers })).status, 200)
    assertTooMany(await present(connect, genuine, { headers }))
  })

  it('count when they are genuine and of another client', async () => {
    const headers = { ...newCaller(), ...basic(READER, SECRET) }
    const foreign = async () => await signed(connect, claimsOf(connect, { client_id: 'other' }))
    await times(MAX_FAILURES, async () => await present(connect, await foreign(), { headers }))
    assertTooMany(await present(connect, await foreign(), { headers }))
  })
})
