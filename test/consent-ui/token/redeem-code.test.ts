import assert from 'node:assert/strict'
import { createLocalJWKSet, decodeProtectedHeader, jwtVerify, type JSONWebKeySet } from 'jose'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { json } from '../support/answer.ts'
import { assertRefused, tokensOf, type Changes } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { exchanged, ScriptedRegistry } from '../support/scripted-registry.ts'
import { atOnce } from '../support/store.ts'
import { beforeAll } from '../../support/before-all.ts'

const DAY_SECONDS = 86_400

describe('Redeeming a code', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  async function claimsOf(token: string) {
    // The verification below checks the type.
    const { text } = await connect.get('/auth/.well-known/jwks.json')
    const jwks = JSON.parse(text) as JSONWebKeySet
    return (await jwtVerify(token, createLocalJWKSet(jwks), { currentDate: new Date(connect.now() * 1000) }))
      .payload
  }

  it('returns an access token for an hour and a refresh token, without null members', async () => {
    const answer = await client.redeem(await codeFor(connect, client))
    const { access_token: accessToken, refresh_token: refreshToken, ...rest } = json(answer)
    assert.deepEqual(rest, { token_type: 'Bearer', expires_in: 3600, scope: 'platform' })
    assert.match(String(accessToken), /^[\w-]+\.[\w-]+\.[\w-]+$/)
    assert.match(String(refreshToken), /^qcr1\./)
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
  })

  it('returns an access token with issuer, subject and audience (RFC 9068)', async () => {
    const { access_token: token } = await tokensFor(connect, client, { person: GRACE })
    const { iat, exp, jti, sid, k, ...claims } = await claimsOf(token)
    assert.deepEqual(claims, {
      iss: connect.origin,
      aud: `${connect.origin}/mcp/platform`,
      sub: GRACE.quilt.name,
      client_id: client.id,
      scope: 'platform',
    })
    assert.deepEqual(decodeProtectedHeader(token), { alg: 'ES256', typ: 'at+jwt', kid: 'key-1' })
    assert.ok(Math.abs(Number(iat) - connect.now()) <= 1)
    assert.equal(Number(exp) - Number(iat), 3600)
    for (const secret of [jti, sid, k]) assert.match(String(secret), /^[A-Za-z0-9_-]{43}$/)
  })

  for (const resource of ['/mcp/platform/mcp', '/mcp/platform', '/mcp', '/mcp/platform/mcp/']) {
    it(`for ${resource} returns a token with the canonical audience`, async () => {
      const request = { resource: connect.origin + resource }
      const answer = await client.redeem(await codeFor(connect, client, { request }), request)
      assert.equal((await claimsOf(tokensOf(answer).access_token)).aud, `${connect.origin}/mcp/platform`)
    })
  }

  it('works without a redirect URI, since the verifier binds the code to its request', async () => {
    tokensOf(await client.redeem(await codeFor(connect, client), { redirect_uri: undefined }))
  })

  it('is refused without a redirect URI for another verifier or client', async () => {
    const code = await codeFor(connect, client)
    const without = { redirect_uri: undefined }
    const other = await connect.client(client.redirectUri, 'Another')
    const verifier = { ...without, code_verifier: 'x'.repeat(43) }
    assertRefused(await client.redeem(code, verifier), 'invalid_grant')
    assertRefused(await other.redeem(code, without), 'invalid_grant')
    tokensOf(await client.redeem(code, without))
  })

  it('returns the requested scope', async () => {
    const request = { scope: 'platform offline_access' }
    const answer = await client.redeem(await codeFor(connect, client, { request }))
    assert.equal(json(answer).scope, 'platform offline_access')
  })

  it('works at the root path too, where some clients expect it', async () => {
    const form = {
      grant_type: 'authorization_code',
      code: await codeFor(connect, client),
      redirect_uri: client.redirectUri,
      code_verifier: client.verifier,
      client_id: client.id,
    }
    tokensOf(await connect.post('/token', form))
  })

  it('works for a public client that sends an empty secret in header and body, as Databricks does', async () => {
    const form = {
      grant_type: 'authorization_code',
      code: await codeFor(connect, client),
      redirect_uri: client.redirectUri,
      code_verifier: client.verifier,
      client_id: client.id,
      client_secret: '',
    }
    const authorization = `Basic ${Buffer.from(`${client.id}:`).toString('base64')}`
    tokensOf(await connect.post('/auth/token', form, { authorization }))
  })

  it('opens independent sessions for the same client on two devices', async () => {
    const [laptop, phone] = [await tokensFor(connect, client), await tokensFor(connect, client)]
    assert.equal((await client.revoke(phone.refresh_token)).status, 200)
    tokensOf(await client.refresh(laptop.refresh_token))
  })

  it('succeeds for one of a hundred parallel requests', async () => {
    const code = await codeFor(connect, client)
    const answers = await atOnce(connect.redis, 100, () => client.redeem(code))
    assert.equal(answers.filter(({ status }) => status === 200).length, 1)
    for (const answer of answers) if (answer.status !== 200) assertRefused(answer, 'invalid_grant')
  })

  it('is refused the second time, at once and later', async () => {
    const code = await codeFor(connect, client)
    tokensOf(await client.redeem(code))
    assertRefused(await client.redeem(code), 'invalid_grant')
    await connect.passTime(59)
    assertRefused(await client.redeem(code), 'invalid_grant')
  })

  it('is refused a minute after the code was issued, and not before', async () => {
    const [early, late] = [await codeFor(connect, client), await codeFor(connect, client)]
    await connect.passTime(55)
    tokensOf(await client.redeem(early))
    await connect.passTime(5)
    assertRefused(await client.redeem(late), 'invalid_grant')
  })

  it('is refused a minute after the code was issued by our own clock too', async () => {
    const code = await codeFor(connect, client)
    const key = (await connect.redis.keys('connect:*:code:*')).at(0) ?? ''
    await connect.redis.persist(key)
    connect.skipOwnClock(60)
    assertRefused(await client.redeem(code), 'invalid_grant')
    await connect.redis.del(key)
  })

  describe('is refused and does not consume the code', () => {
    const refusals: readonly [string, Changes, string][] = [
      ['with another redirect URI', { redirect_uri: 'http://localhost:33418/other' }, 'invalid_grant'],
      [
        'with another port than the code was issued for',
        { redirect_uri: 'http://localhost:1/callback' },
        'invalid_grant',
      ],
      ['with another verifier', { code_verifier: 'x'.repeat(43) }, 'invalid_grant'],
      [
        'with the challenge as verifier',
        { code_verifier: 'E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM' },
        'invalid_grant',
      ],
      ['with a verifier that is too short', { code_verifier: 'short' }, 'invalid_grant'],
      ['without a verifier', { code_verifier: undefined }, 'invalid_request'],
      ['with another resource', { resource: 'https://evil.example/mcp' }, 'invalid_target'],
      ['without a client', { client_id: undefined }, 'invalid_request'],
    ]
    for (const [what, changes, error] of refusals) {
      it(what, async () => {
        const code = await codeFor(connect, client)
        assertRefused(await client.redeem(code, changes), error)
        tokensOf(await client.redeem(code))
      })
    }

    it('to another client', async () => {
      const code = await codeFor(connect, client)
      const other = await connect.client(client.redirectUri, 'Another')
      assertRefused(await other.redeem(code), 'invalid_grant')
      tokensOf(await client.redeem(code))
    })

    it('to an unknown client', async () => {
      const code = await codeFor(connect, client)
      assertRefused(await client.redeem(code, { client_id: 'x' }), 'invalid_client', 401)
      tokensOf(await client.redeem(code))
    })

    it('with another code of the same future session', async () => {
      const code = await codeFor(connect, client)
      const [session = '', secret = ''] = code.split('.')
      for (const wrong of [`${session}.${'A'.repeat(43)}`, `${session}.${secret}A`, `${session}.`, session]) {
        assertRefused(await client.redeem(wrong), 'invalid_grant')
      }
      tokensOf(await client.redeem(code))
    })
  })

  for (const code of [
    '',
    'x',
    '*',
    'a.b',
    `${'A'.repeat(43)}.${'A'.repeat(43)}`,
    '../}:*\r\nFLUSHALL',
    '\u0000',
  ]) {
    it(`is refused for ${JSON.stringify(code)}`, async () => {
      assertRefused(await client.redeem(code), code === '' ? 'invalid_request' : 'invalid_grant')
    })
  }
})

describe('A session', () => {
  it('without a renewal never outlives its Quilt credential, nor do its tokens', async () => {
    const registry = new ScriptedRegistry()
    registry.odd = { '/api/token-exchange': { status: 200, body: exchanged({ expires_in: 600 }) } }
    const connect = await startConnect({ registry: registry.listener })
    const client = await connect.client()
    const tokens = await tokensFor(connect, client)
    assert.ok(tokens.expires_in <= 600 && tokens.expires_in > 590, String(tokens.expires_in))
    await connect.passTime(590)
    const late = await client.refresh(tokens.refresh_token)
    assert.ok(tokensOf(late).expires_in <= 10)
    await connect.passTime(10)
    assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
  })

  it('does not open with an expired Quilt credential', async () => {
    const connect = await startConnect({ quiltTokenSeconds: 20 })
    const client = await connect.client()
    const code = await codeFor(connect, client)
    await connect.passTime(20)
    assertRefused(await client.redeem(code), 'invalid_grant')
  })

  it("has tokens with the operator's lifetime", async () => {
    const connect = await startConnect({ settings: { ACCESS_TOKEN_SECONDS: '900' } })
    assert.equal((await tokensFor(connect, await connect.client(), { person: ADA })).expires_in, 900)
  })

  it('ends after 30 days of refreshes, and after 14 idle days', async () => {
    const connect = await startConnect()
    const client = await connect.client()
    const idle = await tokensFor(connect, client)
    let busy = await tokensFor(connect, client)
    for (const days of [13, 13, 3]) {
      await connect.passTime(days * DAY_SECONDS)
      busy = tokensOf(await client.refresh(busy.refresh_token))
    }
    assertRefused(await client.refresh(idle.refresh_token), 'invalid_grant')
    await connect.passTime(DAY_SECONDS - 600)
    const last = tokensOf(await client.refresh(busy.refresh_token))
    assert.ok(last.expires_in <= 600 && last.expires_in > 500, String(last.expires_in))
    await connect.passTime(600)
    assertRefused(await client.refresh(last.refresh_token), 'invalid_grant')
  })
})
