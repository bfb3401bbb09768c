import assert from 'node:assert/strict'
import { SignJWT, UnsecuredJWT } from 'jose'
import { startValkey } from '../../../support/store/valkey.ts'
import { CONTEXT, question, type Answer } from '../../support/envoy.ts'
import { claimsOf, createSigner, NOW, openSession, ORIGIN } from '../../support/sessions.ts'
import { startGate } from '../../support/gate.ts'
import { assertChallenged, assertExpired, assertInvalid } from '../../support/verdicts.ts'
import { beforeAll } from '../../../support/before-all.ts'

describe('authz challenges', () => {
  let token: string

  const gate = beforeAll(async () => await startGate(await startValkey()))
  const opening = beforeAll(() => openSession())

  before(async () => {
    token = await gate.issueToken(opening)
  })

  const present = (one: string): Promise<Answer> => gate.envoy.present(one)
  const authorization = (value: string): Promise<Answer> => gate.envoy.ask(question({ authorization: value }))

  it('negative test, resource server: no header: a request without a credential, with no error in the challenge', async () => {
    assertChallenged(await gate.envoy.ask(question({})), 'no_credential')
  })

  it('with the metadata URL of the requested path', async () => {
    const answer = await gate.envoy.ask({
      attributes: { context_extensions: { service: 'platform', path: '/mcp' } },
    })
    const expected = `Bearer resource_metadata="${ORIGIN}/.well-known/oauth-protected-resource/mcp", scope="platform"`
    assert.equal(answer.headers.get('www-authenticate'), expected)
  })

  it('a request with only a header named constructor', async () => {
    assertChallenged(await gate.envoy.ask(question({ constructor: `Bearer ${token}` })), 'no_credential')
  })

  it('two credentials joined by a comma, in either order', async () => {
    for (const value of [`Bearer ${token},Bearer x`, `Bearer x, Bearer ${token}`, `Bearer ${token},`]) {
      assertInvalid(await authorization(value), 'several_credentials')
    }
  })

  it('negative test, resource server: two Authorization headers: two separate Authorization headers, even equal ones', async () => {
    for (const second of ['Bearer x', `Bearer ${token}`]) {
      const values = [`Bearer ${token}`, second]
      const headers = values.map((value, index) => ({
        key: index === 0 ? 'authorization' : 'Authorization',
        raw_value: Buffer.from(value),
      }))
      const answer = await gate.envoy.ask({
        attributes: { request: { http: { header_map: { headers } } }, context_extensions: CONTEXT },
      })
      assertInvalid(answer, 'several_credentials')
    }
  })

  it('negative test, resource server: empty Bearer, malformed: a malformed bearer token', async () => {
    for (const value of ['', 'Bearer', `Bearer  ${token}`, `Bearer\t${token}`, `Basic ${token}`, token]) {
      assertInvalid(await authorization(value), 'malformed_credential')
    }
  })

  it('negative test, resource server: tampered token: a token with a changed user, session or share', async () => {
    const [head, body, signature] = token.split('.')
    const changed = { ...claimsOf(opening), sub: 'root' }
    const forged = Buffer.from(JSON.stringify(changed)).toString('base64url')
    assertInvalid(await present([head, forged, signature].join('.')), 'token_bad_signature')
    assertInvalid(await present([head, body, 'A'.repeat(86)].join('.')), 'token_bad_signature')
  })

  it('negative test, resource server: self-signed: a token of another key, under our key id and under its own', async () => {
    for (const kid of ['key-1', 'key-2']) {
      const stranger = await createSigner(kid)
      assertInvalid(await present(await stranger.sign(opening)), 'token_bad_signature')
    }
  })

  it('negative test, resource server: alg none, HS256 with the public key: a token without a signature, and one signed with the public key as a secret', async () => {
    const claims = claimsOf(opening)
    assertInvalid(await present(new UnsecuredJWT(claims).encode()), 'token_malformed')
    const secret = Buffer.from(JSON.stringify(gate.signer.jwks.keys[0]))
    const hmac = await new SignJWT(claims)
      .setProtectedHeader({ alg: 'HS256', typ: 'at+jwt', kid: 'key-1' })
      .sign(secret)
    assertInvalid(await present(hmac), 'token_malformed')
  })

  const faults: [string, Record<string, unknown>, Record<string, unknown>, string][] = [
    [
      "negative test, resource server: wrong issuer: another issuer's token",
      { iss: 'https://other.example' },
      {},
      'token_wrong_issuer',
    ],
    [
      "negative test, resource server: wrong audience: another service's token",
      { aud: `${ORIGIN}/mcp/platform-other` },
      {},
      'token_wrong_audience',
    ],
    ['a token for several audiences', { aud: [`${ORIGIN}/mcp/platform`, 'x'] }, {}, 'token_malformed'],
    [
      'negative test, resource server: ID token as access token: an ID token',
      {},
      { typ: 'JWT' },
      'token_malformed',
    ],
    ['a token of no type', {}, { typ: undefined }, 'token_malformed'],
    ['a token of no session', { sid: undefined }, {}, 'token_malformed'],
    ['a token without a share', { k: undefined }, {}, 'token_malformed'],
    ['a token that never expires', { exp: undefined }, {}, 'token_malformed'],
    ["another person's token", { sub: 'grace' }, {}, 'session_mismatch'],
    ["another client's token", { client_id: 'client-2' }, {}, 'session_mismatch'],
    ['a token of a session that never was', { sid: 'constructor' }, {}, 'session_ended'],
    ['a token with a share of another session', { k: 'A'.repeat(43) }, {}, 'wrong_share'],
  ]
  for (const [what, claims, header, reason] of faults) {
    it(what, async () => {
      assertInvalid(await present(await gate.signer.sign(opening, claims, header)), reason)
    })
  }

  it('negative test, resource server: expired: an expired token, its own first second included', async () => {
    assertExpired(await present(await gate.signer.sign(opening, { exp: NOW })), 'token_expired')
    assertExpired(await present(await gate.signer.sign(opening, { exp: NOW - 1 })), 'token_expired')
  })

  it('a cached token that expires', async () => {
    const brief = await gate.signer.sign(opening, { exp: NOW + 1 })
    assert.equal((await present(brief)).kind, 'ok_response')
    gate.clock.nowMs += 1000
    assertExpired(await present(brief), 'token_expired')
    gate.clock.nowMs -= 1000
  })

  it('a session that has expired but is still in Redis', async () => {
    const over = openSession({ expiresAt: NOW })
    await gate.save(over)
    assertExpired(await present(await gate.signer.sign(over)), 'session_expired')
  })

  it('a session whose Quilt credential has expired', async () => {
    const lapsed = openSession({}, { credential: { token: 'q', expiresAt: NOW } })
    await gate.save(lapsed)
    assertExpired(await present(await gate.signer.sign(lapsed)), 'credential_expired')
  })

  it('a session for another service', async () => {
    const elsewhere = openSession({ resource: `${ORIGIN}/files` })
    await gate.save(elsewhere)
    const aud = `${ORIGIN}/mcp/platform`
    assertInvalid(await present(await gate.signer.sign(elsewhere, { aud })), 'session_mismatch')
  })

  it('a session that was altered in Redis', async () => {
    const altered = openSession()
    const longer = { ...altered.session, expiresAt: altered.session.expiresAt + 1 }
    await gate.save({ ...altered, session: longer })
    assertInvalid(await present(await gate.signer.sign(altered)), 'wrong_share')
  })
})
