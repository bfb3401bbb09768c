import assert from 'node:assert/strict'
import { Callers, newCaller, times } from '../limits/support.ts'
import { startConnect } from '../support/connect.ts'
import { get } from '../support/answer.ts'
import { tokensFor } from '../support/person.ts'
import { APPS, openApps, refreshed, send, SIGN_OUT, tagOf } from './support.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('Rate limits of the apps and sign-out pages', () => {
  const connect = beforeAll(() => startConnect({ settings: { RATE_LIMIT_AUTHORIZE: '3/60' } }))

  for (const path of [APPS, SIGN_OUT]) {
    it(`count each request and each form for ${path}`, async () => {
      const headers = newCaller()
      const statuses = await times(3, () => connect.post(path, { revoke_all: 'yes' }, headers))
      assert.ok(!statuses.includes(429), statuses.join())
      const answer = await connect.get(path, headers)
      assert.equal(answer.status, 429)
      assert.match(answer.text, /Too many requests/)
      assert.equal(answer.headers.get('location'), null)
      assert.notEqual((await connect.get(path, newCaller())).status, 429)
    })
  }

  it('never lock out a signed-in user, who can see, revoke and sign out', async () => {
    const client = await connect.client()
    const tokens = await tokensFor(connect, client)
    const at = await openApps(connect)
    await times(4, () => connect.get(APPS))
    assert.equal((await connect.get(APPS)).status, 429)
    assert.equal((await at.browser.open(connect.origin + APPS)).status, 200)
    assert.equal((await send(at, { revoke: tagOf(tokens) })).status, 200)
    assert.equal(await refreshed(client, tokens.refresh_token), 'invalid_grant')
    const question = await at.browser.open(connect.origin + SIGN_OUT)
    assert.equal((await at.browser.press(question, 'Sign out')).status, 200)
  })

  it('count together with authorization requests, and for no client', async () => {
    const client = await connect.client()
    const headers = newCaller()
    const named = `${APPS}?client_id=${client.id}`
    await times(3, () => get(connect.origin + named, headers))
    const callers = new Callers(connect)
    assert.equal((await callers.authorize(client, headers)).status, 429)
    const counts = await connect.redis.keys('connect:limit:authorizePerClient:*')
    assert.deepEqual(counts, [])
  })
})
