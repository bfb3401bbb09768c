import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { beforeAll } from '../../support/before-all.ts'
import { refreshed } from '../apps/support.ts'
import { approve } from '../support/person.ts'
import { sendLogout, signedInBrowser, startWithLogouts, tokensFrom, type Organisation } from './support.ts'

async function session(at: Organisation, sid: string | undefined): Promise<() => Promise<string>> {
  const [client, tokens] = await tokensFrom(at, await signedInBrowser(at, sid))
  return () => refreshed(client, tokens.refresh_token)
}

describe('LOGOUT_ENDS_SESSIONS=sid', () => {
  const at = beforeAll(() => startWithLogouts({ LOGOUT_ENDS_SESSIONS: 'sid' }))

  it('ends every session that the user opened there when the logout names only the user', async () => {
    const sessions = [await session(at, randomUUID()), await session(at, undefined)]
    assert.equal((await sendLogout(at, { sub: GRACE.sub })).status, 200)
    for (const one of sessions) assert.equal(await one(), 'refreshed')
    assert.equal((await sendLogout(at, { sub: ADA.sub })).status, 200)
    for (const one of sessions) assert.equal(await one(), 'invalid_grant')
  })

  it('negative test, logout: code from before: it opens no session', async () => {
    const sid = randomUUID()
    const browser = await signedInBrowser(at, sid)
    const client = await at.connect.client()
    const callback = await approve(browser, await browser.open(client.authorizationUrl()))
    assert.equal((await sendLogout(at, { sid })).status, 200)
    const answer = await client.redeem(callback.searchParams.get('code') ?? '')
    assert.equal(answer.status, 400)
    assert.match(answer.text, /invalid_grant/)
  })

  it('ends the Connect sessions that were opened from the session that ended, and no other', async () => {
    const [sid, other] = [randomUUID(), randomUUID()]
    const [ended, kept] = [await session(at, sid), await session(at, other)]
    await at.connect.passTime(3 * 86_400)
    assert.equal((await sendLogout(at, { sid })).status, 200)
    assert.equal(await ended(), 'invalid_grant')
    assert.equal(await kept(), 'refreshed')
  })
})

describe('LOGOUT_ENDS_SESSIONS=all', () => {
  const at = beforeAll(() => startWithLogouts({ LOGOUT_ENDS_SESSIONS: 'all' }))

  for (const named of ['sid', 'sub', 'sid and sub']) {
    it(`ends every Connect session of the user by ${named}`, async () => {
      const sid = randomUUID()
      const sessions = [await session(at, sid), await session(at, randomUUID()), await session(at, undefined)]
      const claims = { ...(named === 'sub' ? {} : { sid }), ...(named === 'sid' ? {} : { sub: ADA.sub }) }
      assert.equal((await sendLogout(at, claims)).status, 200)
      for (const one of sessions) assert.equal(await one(), 'invalid_grant')
    })
  }

  it('opens no session for codes of other sign-ins from before the logout', async () => {
    const client = await at.connect.client()
    const browser = await signedInBrowser(at, randomUUID())
    const callback = await approve(browser, await browser.open(client.authorizationUrl()))
    const sid = randomUUID()
    await signedInBrowser(at, sid)
    assert.equal((await sendLogout(at, { sid })).status, 200)
    assert.equal((await client.redeem(callback.searchParams.get('code') ?? '')).status, 400)
  })

  it('lets the user connect again', async () => {
    at.provider.claims = { sid: randomUUID() }
    const [client, tokens] = await tokensFrom(at, at.connect.browser())
    assert.equal(await refreshed(client, tokens.refresh_token), 'refreshed')
  })
})
