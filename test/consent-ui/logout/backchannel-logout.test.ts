import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { beforeAll } from '../../support/before-all.ts'
import type { HttpBrowser } from '../../support/http-browser.ts'
import { refreshed } from '../apps/support.ts'
import { json } from '../support/answer.ts'
import { OUR_CLIENT } from '../support/organisation.ts'
import {
  BACKCHANNEL,
  isSignedIn,
  LOGOUT_EVENT,
  logoutClaims,
  sendLogout,
  signedInBrowser,
  startWithLogouts,
  tokensFrom,
  type Claims,
} from './support.ts'

describe('A back-channel logout', () => {
  const at = beforeAll(() => startWithLogouts())
  let browser: HttpBrowser
  let sid: string

  beforeEach(async () => {
    sid = randomUUID()
    browser = await signedInBrowser(at, sid)
  })

  it('by sid ends the sign-in of that session, and no other', async () => {
    const other = await signedInBrowser(at, randomUUID())
    const { status, headers, text } = await sendLogout(at, { sid })
    assert.equal(status, 200, text)
    assert.equal(headers.get('cache-control'), 'no-store')
    assert.equal(await isSignedIn(at, other), true)
    assert.equal(await isSignedIn(at, browser), false)
  })

  it('by sub ends every sign-in of that user', async () => {
    const others = [await signedInBrowser(at, randomUUID()), await signedInBrowser(at, undefined)]
    assert.equal((await sendLogout(at, { sub: ADA.sub })).status, 200)
    for (const one of [browser, ...others]) assert.equal(await isSignedIn(at, one), false)
  })

  it('by sub of another user, or an unknown sid, ends nothing and is answered with 200', async () => {
    assert.equal((await sendLogout(at, { sub: GRACE.sub })).status, 200)
    assert.equal((await sendLogout(at, { sid: 'unknown' })).status, 200)
    assert.equal(await isSignedIn(at, browser), true)
  })

  it('by sid and sub ends a sign-in whose ID token had no sid', async () => {
    const without = await signedInBrowser(at, undefined)
    assert.equal((await sendLogout(at, { sub: ADA.sub, sid: randomUUID() })).status, 200)
    assert.equal(await isSignedIn(at, without), false)
    assert.equal(await isSignedIn(at, browser), true)
  })

  it('does not end a sign-in that began after it', async () => {
    const { iat } = logoutClaims(at)
    assert.equal((await sendLogout(at, { sub: ADA.sub, iat: Number(iat) - 20 })).status, 200)
    assert.equal(await isSignedIn(at, browser), true)
  })

  it('of a session ends a sign-in that arrives late with its sid', async () => {
    at.provider.claims = { sid: randomUUID() }
    await sendLogout(at, at.provider.claims)
    const late = at.connect.browser()
    const page = await late.open(`${at.connect.origin}/connect/apps`)
    assert.equal(page.status, 403)
    assert.ok(page.text.includes('You were signed out'), page.text)
    assert.equal(await isSignedIn(at, late), false)
  })

  it('keeps Connect sessions by default: an evening sign-out must not disconnect every assistant', async () => {
    const [client, tokens] = await tokensFrom(at, browser)
    assert.equal((await sendLogout(at, { sub: ADA.sub })).status, 200)
    assert.equal(await refreshed(client, tokens.refresh_token), 'refreshed')
  })

  it('between the consent page and its answer asks for a new sign-in', async () => {
    const client = await at.connect.client()
    const consent = await browser.open(client.authorizationUrl())
    await sendLogout(at, { sid })
    at.provider.claims = { sid: randomUUID() }
    const next = await browser.press(consent, 'Continue', { access: 'full' })
    assert.ok(
      next.visited.some((url) => url.includes('/connect/callback')),
      next.text,
    )
    assert.equal(next.status, 200)
  })

  describe('is refused with 400 and ends nothing', () => {
    afterEach(async () => {
      assert.equal(await isSignedIn(at, browser), true)
    })

    const changes: Readonly<Record<string, Claims>> = {
      'of another issuer': { iss: 'https://evil.example' },
      'without an issuer': { iss: undefined },
      'for another client': { aud: 'another' },
      'for several clients': { aud: [OUR_CLIENT.id, 'another'] },
      'without an audience': { aud: undefined },
      'without iat': { iat: undefined },
      'from the future': { iat: Math.floor(Date.now() / 1000) + 300 },
      'from yesterday that never expires': { iat: Math.floor(Date.now() / 1000) - 86_400 },
      'that has expired': { exp: Math.floor(Date.now() / 1000) - 61 },
      'without exp': { exp: undefined },
      'without jti': { jti: undefined },
      'with a jti that is no text': { jti: 7 },
      'with a nonce, as an ID token has': { nonce: 'n' },
      'without events': { events: undefined },
      'with another event': { events: { 'http://schemas.openid.net/event/other': {} } },
      'with an event that is no object': { events: { [LOGOUT_EVENT]: 'yes' } },
      'with events in a list': { events: [LOGOUT_EVENT] },
      'with neither sub nor sid': { sid: undefined, sub: undefined },
      'with an empty sid': { sid: '' },
      'with a sid that is no text': { sid: { toString: 'x' } },
      'with a sub of 100,000 characters': { sub: 'x'.repeat(100_000 / 8) },
    }
    for (const [what, change] of Object.entries(changes)) {
      it(`if its token is one ${what}`, async () => {
        const answer = await sendLogout(at, { sid, sub: ADA.sub, ...change })
        assert.equal(answer.status, 400, answer.text)
        assert.equal(json(answer).error, 'invalid_request')
        assert.equal(answer.headers.get('cache-control'), 'no-store')
      })
    }

    it('negative test, logout: ID token as logout token: it has no logout event', async () => {
      const idToken = at.provider.idTokens.at(-1) ?? ''
      assert.equal((await at.connect.post(BACKCHANNEL, { logout_token: idToken })).status, 400)
    })

    for (const typ of ['at+jwt', 'secevent+jwt', 'dpop+jwt']) {
      it(`if its token has the type ${typ}`, async () => {
        assert.equal((await sendLogout(at, { sid }, { typ })).status, 400)
      })
    }

    it('negative test, logout: unsigned or forged token: with a secret or key of another', async () => {
      const claims = logoutClaims(at, { sid })
      const rsa = await generateKeyPair('RS256')
      const forged = [
        new UnsecuredJWT(claims).encode(),
        await new SignJWT(claims)
          .setProtectedHeader({ alg: 'HS256' })
          .sign(Buffer.from(OUR_CLIENT.secret.padEnd(32, '='))),
        await new SignJWT(claims).setProtectedHeader({ alg: 'RS256', kid: 'scripted' }).sign(rsa.privateKey),
      ]
      for (const token of forged) {
        assert.equal((await at.connect.post(BACKCHANNEL, { logout_token: token })).status, 400)
      }
    })

    for (const [what, form] of Object.entries({
      'no token': {},
      'text that is no token': { logout_token: 'x' },
      'a token twice': 'logout_token=a.b.c&logout_token=a.b.c',
    })) {
      it(`with ${what}`, async () => {
        assert.equal((await at.connect.post(BACKCHANNEL, form)).status, 400)
      })
    }

    it('with JSON, and with GET 405', async () => {
      const type = { 'content-type': 'application/json' }
      assert.equal((await at.connect.post(BACKCHANNEL, '{}', type)).status, 400)
      assert.equal((await at.connect.get(`${BACKCHANNEL}?logout_token=x`)).status, 405)
    })
  })

  it('negative test, logout: replayed token: is refused, so that it ends no later sign-in', async () => {
    const token = await at.provider.sign(logoutClaims(at, { sub: ADA.sub }))
    at.provider.aheadSeconds += 1
    assert.equal((await at.connect.post(BACKCHANNEL, { logout_token: token })).status, 200)
    const answer = await at.connect.post(BACKCHANNEL, { logout_token: token })
    assert.equal(answer.status, 400)
    assert.match(answer.text, /jti was used before/)
  })

  for (const typ of [undefined, 'JWT', 'application/logout+jwt']) {
    it(`is accepted from a provider that writes the type ${typ ?? 'not at all'}`, async () => {
      assert.equal((await sendLogout(at, { sid }, { typ })).status, 200)
      assert.equal(await isSignedIn(at, browser), false)
    })
  }

  it('writes no token, subject or sid into the log', async () => {
    const { length } = at.connect.lines
    await sendLogout(at, { sub: ADA.sub, sid })
    await sendLogout(at, { sub: ADA.sub, sid, nonce: 'x' })
    const lines = at.connect.lines.slice(length).join('')
    assert.match(lines, /identity provider: user signed out/)
    assert.match(lines, /logout_token refused: nonce is missing or wrong/)
    for (const secret of [ADA.sub, sid, 'eyJ']) assert.ok(!lines.includes(secret), lines)
  })
})

describe('Logouts from an address that has reached the limit of failures', () => {
  const at = beforeAll(() => startWithLogouts({ RATE_LIMIT_TOKEN_FAILURES: '3/60' }))

  it('negative test, logout: flood: forged ones are refused with 429, and the provider’s own are served', async () => {
    const sid = randomUUID()
    const browser = await signedInBrowser(at, sid)
    const statuses: number[] = []
    for (let count = 0; count < 5; count += 1) {
      statuses.push((await at.connect.post(BACKCHANNEL, { logout_token: `made-up.${count}.x` })).status)
    }
    assert.deepEqual(statuses, [400, 400, 400, 429, 429])
    assert.equal((await sendLogout(at, { sid })).status, 200)
    assert.equal(await isSignedIn(at, browser), false)
  })
})

describe('The keys of the identity provider', () => {
  const at = beforeAll(() => startWithLogouts())

  it('are fetched once for many logouts', async () => {
    for (let count = 0; count < 5; count += 1) assert.equal((await sendLogout(at, { sid: 's' })).status, 200)
    assert.equal(at.provider.jwksFetches, 1)
  })

  it('are fetched again for a new key; a moment after a fetch the answer is 503, so that the provider tries again', async () => {
    at.provider.rollKeys()
    assert.equal((await sendLogout(at, { sid: 's' })).status, 503)
    at.connect.skipOwnClock(30)
    assert.equal((await sendLogout(at, { sid: 's' })).status, 200)
  })

  it('negative test, logout: unknown key: they are not fetched for each such token', async () => {
    const { jwksFetches } = at.provider
    for (let count = 0; count < 5; count += 1) {
      assert.equal((await sendLogout(at, { sid: 's' }, { kid: `unknown-${count}` })).status, 503)
    }
    assert.equal(at.provider.jwksFetches, jwksFetches)
    at.connect.skipOwnClock(30)
    assert.equal((await sendLogout(at, { sid: 's' }, { kid: 'unknown' })).status, 400)
  })

  it('lead to 503 with Retry-After if they cannot be fetched, and to 200 when they can', async () => {
    at.connect.skipOwnClock(600)
    for (const odd of [
      { status: 500, body: '' },
      { status: 200, body: '<html>', type: 'text/html' },
      { status: 200, body: '{"keys":7}' },
      { status: 200, body: `{"keys":[],"x":"${'x'.repeat(300_000)}"}` },
    ]) {
      at.provider.odd = { '/jwks': odd }
      at.connect.skipOwnClock(10)
      const answer = await sendLogout(at, { sid: 's' })
      assert.equal(answer.status, 503, answer.text)
      assert.equal(answer.headers.get('retry-after'), '5')
    }
    at.provider.odd = {}
    at.connect.skipOwnClock(10)
    assert.equal((await sendLogout(at, { sid: 's' })).status, 200)
  })
})
