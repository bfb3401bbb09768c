import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { beforeAll } from '../../support/before-all.ts'
import { refreshed } from '../apps/support.ts'
import { ask, encode } from '../support/answer.ts'
import { dump } from '../support/store.ts'
import { FRONTCHANNEL, isSignedIn, signedInBrowser, startWithLogouts, tokensFrom } from './support.ts'

describe('A front-channel logout', () => {
  const at = beforeAll(() => startWithLogouts())

  const urlOf = (parameters: Readonly<Record<string, string>>): string =>
    `${FRONTCHANNEL}?${encode(parameters)}`

  afterEach(() => {
    at.provider.metadata = {}
    at.connect.redeploy()
  })

  it('ends the sign-in of its iss and sid without a cookie, and cannot be framed', async () => {
    const [sid, other] = [randomUUID(), randomUUID()]
    const [ended, kept] = [await signedInBrowser(at, sid), await signedInBrowser(at, other)]
    const answer = await at.connect.get(urlOf({ iss: at.issuer, sid }))
    assert.equal(answer.status, 200, answer.text)
    assert.match(answer.headers.get('content-security-policy') ?? '', /frame-ancestors 'none'/)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.equal(await isSignedIn(at, ended), false)
    assert.equal(await isSignedIn(at, kept), true)
  })

  it('negative test, logout: unknown sid: changes nothing, as for another iss, or without either, and shows the same page', async () => {
    const sid = randomUUID()
    const browser = await signedInBrowser(at, sid)
    const before = await dump(at.connect.redis)
    const pages = await Promise.all(
      [
        { iss: at.issuer, sid: randomUUID() },
        { iss: 'https://evil.example', sid },
        { sid },
        { iss: at.issuer },
        { iss: at.issuer, sid: 'x'.repeat(2000) },
      ].map((parameters) => at.connect.get(urlOf(parameters))),
    )
    assert.deepEqual(new Set(pages.map(({ status }) => status)), new Set([200]))
    assert.equal(new Set(pages.map(({ text }) => text)).size, 1)
    assert.equal(await dump(at.connect.redis), before)
    assert.equal(await isSignedIn(at, browser), true)
    assert.equal((await at.connect.get(`${FRONTCHANNEL}?sid=a&sid=b`)).status, 400)
  })

  it('does nothing for HEAD or a prefetch', async () => {
    const sid = randomUUID()
    const browser = await signedInBrowser(at, sid)
    const url = at.connect.origin + urlOf({ iss: at.issuer, sid })
    await ask(url, { method: 'HEAD' })
    assert.equal((await ask(url, { headers: { 'sec-purpose': 'prefetch' } })).status, 503)
    assert.equal(await isSignedIn(at, browser), true)
  })

  it('is not used where the provider has back-channel logout', async () => {
    at.provider.metadata = { backchannel_logout_supported: true }
    at.connect.redeploy()
    const sid = randomUUID()
    const browser = await signedInBrowser(at, sid)
    assert.equal((await at.connect.get(urlOf({ iss: at.issuer, sid }))).status, 404)
    assert.equal(await isSignedIn(at, browser), true)
  })

  it('ends Connect sessions of a sid as LOGOUT_ENDS_SESSIONS says', async () => {
    at.connect.redeploy({ LOGOUT_ENDS_SESSIONS: 'all' })
    const sid = randomUUID()
    const [client, tokens] = await tokensFrom(at, await signedInBrowser(at, randomUUID()))
    await signedInBrowser(at, sid)
    await at.connect.get(urlOf({ iss: at.issuer, sid }))
    assert.equal(await refreshed(client, tokens.refresh_token), 'invalid_grant')
  })
})
