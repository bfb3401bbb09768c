import assert from 'node:assert/strict'
import { beforeAll } from '../../support/before-all.ts'
import { openApps } from '../apps/support.ts'
import { connectOnce, isAsked, namedClient, NAMED_CLIENTS, SITE } from '../consent/support.ts'
import { assertRefused, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { approve, codeFor, openConsent, tokensFor } from '../support/person.ts'

describe('After Redis was rolled back', () => {
  const connect = beforeAll(() => startConnect({ settings: { CONNECT_CLIENTS: NAMED_CLIENTS } }))
  const client = beforeAll(() => connect.client())

  beforeEach(() => {
    connect.rollbacks.endedUntil = 0
  })

  function rollBack(): void {
    connect.rollbacks.endedUntil = connect.now()
    connect.skipOwnClock(1)
  }

  it('refresh tokens of earlier sessions are refused, and new sessions work', async () => {
    const before = await tokensFor(connect, client)
    rollBack()
    assertRefused(await client.refresh(before.refresh_token), 'invalid_grant')
    const after = await tokensFor(connect, client)
    tokensOf(await client.refresh(after.refresh_token))
    assertRefused(await client.refresh(before.refresh_token), 'invalid_grant')
  })

  it('earlier codes are refused: Redis may have lost that they were used', async () => {
    const code = await codeFor(connect, client)
    rollBack()
    assertRefused(await client.redeem(code), 'invalid_grant')
  })

  it('an earlier consent is asked for again, since its session has ended', async () => {
    const site = namedClient(connect)
    const { browser } = await connectOnce(connect, site)
    assert.ok(!isAsked(await browser.open(site.authorizationUrl(), SITE)))
    rollBack()
    assert.ok(isAsked(await browser.open(site.authorizationUrl(), SITE)))
  })

  it('earlier sessions are not among the connected applications', async () => {
    await connectOnce(connect, namedClient(connect))
    assert.ok((await openApps(connect)).page.text.includes('Named Site'))
    rollBack()
    assert.ok(!(await openApps(connect)).page.text.includes('Named Site'))
  })

  it('a consent page that is open goes on', async () => {
    const browser = connect.browser()
    const consent = await openConsent(browser, client.authorizationUrl())
    rollBack()
    const code = (await approve(browser, consent)).searchParams.get('code') ?? ''
    tokensOf(await client.redeem(code))
  })

  it('tokens are unavailable, not refused, while the store cannot be compared', async () => {
    const { refresh_token: token } = await tokensFor(connect, client)
    const { requireChecked } = connect.rollbacks
    connect.rollbacks.requireChecked = () => Promise.reject(new Error('redis: down'))
    assert.equal((await client.refresh(token)).status, 503)
    connect.rollbacks.requireChecked = requireChecked
    tokensOf(await client.refresh(token))
  })
})
