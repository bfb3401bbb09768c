import assert from 'node:assert/strict'
import {
  exportJWK,
  generateKeyPair,
  SignJWT,
  UnsecuredJWT,
  type CryptoKey,
  type JWK,
  type JWTPayload,
} from 'jose'
import { json, type Answer } from '../support/answer.ts'
import { assertRefused, TestClient, tokensOf } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { codeFor } from '../support/person.ts'
import { startPublisher } from '../support/publisher.ts'
import { beforeAll } from '../../support/before-all.ts'

const REDIRECT_URI = 'http://localhost:4000/callback'
const TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'

interface Key {
  readonly privateKey: CryptoKey
  readonly jwk: JWK
}

async function newKey(algorithm: 'ES256' | 'RS256', kid: string): Promise<Key> {
  const { privateKey, publicKey } = await generateKeyPair(algorithm)
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid } }
}

describe('A client that authenticates by private_key_jwt', () => {
  let connect: Connect
  let key: Key
  let rsa: Key
  let client: TestClient
  let jtis = 0

  const publisher = beforeAll(() => startPublisher())

  before(async () => {
    const settings = { CONNECT_CLIENT_HOSTS: publisher.host }
    connect = await startConnect({ reach: publisher.reach, settings })
    key = await newKey('ES256', 'one')
    rsa = await newKey('RS256', 'rsa')
    client = await registered({ jwks: { keys: [key.jwk] } })
  })

  async function registered(keys: object): Promise<TestClient> {
    const answer = await connect.register({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'private_key_jwt',
      ...keys,
    })
    assert.equal(answer.status, 201, answer.text)
    return new TestClient(connect.origin, { id: String(json(answer).client_id), redirectUri: REDIRECT_URI })
  }

  function claims(changes: Record<string, unknown> = {}, id = client.id): JWTPayload {
    jtis += 1
    const now = connect.now()
    const times = { iat: now, exp: now + 60 }
    return { iss: id, sub: id, aud: connect.origin, jti: `jti-${jtis}`, ...times, ...changes }
  }

  async function signed(payload: JWTPayload, by = key, alg = 'ES256'): Promise<string> {
    return await new SignJWT(payload).setProtectedHeader({ alg, kid: by.jwk.kid ?? '' }).sign(by.privateKey)
  }

  async function redeem(assertion: string, who = client, form: Record<string, string> = {}): Promise<Answer> {
    const code = await codeFor(connect, who)
    return await who.redeem(code, { client_assertion_type: TYPE, client_assertion: assertion, ...form })
  }

  it('T01: gets tokens with an assertion for the issuer or the endpoint', async () => {
    for (const aud of [connect.origin, `${connect.origin}/auth/token`, [connect.origin]]) {
      tokensOf(await redeem(await signed(claims({ aud }))))
    }
  })

  it('needs no client_id beside the assertion', async () => {
    const code = await codeFor(connect, client)
    const assertion = { client_assertion_type: TYPE, client_assertion: await signed(claims()) }
    tokensOf(await client.redeem(code, { ...assertion, client_id: undefined }))
  })

  it('refreshes and revokes with an assertion each', async () => {
    const shown = async () => ({ client_assertion_type: TYPE, client_assertion: await signed(claims()) })
    const tokens = tokensOf(await redeem(await signed(claims())))
    assertRefused(await client.refresh(tokens.refresh_token), 'invalid_client', 401)
    const renewed = tokensOf(await client.refresh(tokens.refresh_token, await shown()))
    assertRefused(await client.revoke(renewed.refresh_token), 'invalid_client', 401)
    assert.equal((await client.revoke(renewed.refresh_token, await shown())).status, 200)
    assertRefused(await client.refresh(renewed.refresh_token, await shown()), 'invalid_grant')
  })

  const now = (): number => connect.now()
  for (const [what, changesOf] of Object.entries<() => Record<string, unknown>>({
    'another issuer': () => ({ iss: 'https://evil.example' }),
    'another subject': () => ({ sub: 'https://evil.example' }),
    'another audience': () => ({ aud: 'https://evil.example' }),
    'the resource for an audience': () => ({ aud: `${connect.origin}/mcp/platform` }),
    'two audiences': () => ({ aud: [connect.origin, 'https://evil.example'] }),
    'no audience': () => ({ aud: undefined }),
    'no issuer': () => ({ iss: undefined }),
    'no end': () => ({ exp: undefined }),
    'an end that is over': () => ({ exp: now() - 61 }),
    'an end in an hour': () => ({ exp: now() + 3600 }),
    'a beginning in the future': () => ({ nbf: now() + 120 }),
    'no jti': () => ({ jti: undefined }),
    'an empty jti': () => ({ jti: '' }),
    'an endless jti': () => ({ jti: 'x'.repeat(501) }),
  })) {
    it(`T01: is refused for ${what}`, async () => {
      assertRefused(await redeem(await signed(claims(changesOf()))), 'invalid_client', 401)
    })
  }

  it('T01: is refused when an assertion is reused, also concurrently', async () => {
    const assertion = await signed(claims())
    const codes = [
      await codeFor(connect, client),
      await codeFor(connect, client),
      await codeFor(connect, client),
    ]
    const answers = await Promise.all(
      codes.map((code) => client.redeem(code, { client_assertion_type: TYPE, client_assertion: assertion })),
    )
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 401, 401])
  })

  it('is remembered by its assertion only until that expires', async () => {
    const before = new Set(await connect.redis.keys('connect:assertion:*'))
    tokensOf(await redeem(await signed(claims())))
    const [added] = (await connect.redis.keys('connect:assertion:*')).filter((name) => !before.has(name))
    const seconds = await connect.redis.ttl(added ?? '')
    assert.ok(seconds > 60 && seconds <= 122, String(seconds))
  })

  it('T01: is refused without an assertion or with a secret', async () => {
    const code = await codeFor(connect, client)
    assertRefused(await client.redeem(code), 'invalid_client', 401)
    assertRefused(await client.redeem(code, { client_secret: 'x' }), 'invalid_client', 401)
    const both = { client_assertion_type: TYPE, client_assertion: await signed(claims()), client_secret: 'x' }
    assertRefused(await client.redeem(code, both), 'invalid_client', 401)
  })

  it('T01: is refused with a malformed assertion', async () => {
    const good = await signed(claims())
    const tampered = good.replace(/.$/, good.endsWith('A') ? 'B' : 'A').replace(/\.(.)/, '.A$1')
    for (const assertion of [
      'x',
      'x.y.z',
      '..',
      'eyJ.eyJ.',
      tampered,
      `${good}.x`,
      new UnsecuredJWT(claims()).encode(),
    ]) {
      assertRefused(await redeem(assertion), 'invalid_client', 401)
    }
    for (const form of [{ client_assertion_type: 'x' }, { client_assertion_type: '' }]) {
      assertRefused(await redeem(good, client, form), 'invalid_client', 401)
    }
    assertRefused(await redeem('', client), 'invalid_client', 401)
  })

  it("T01: is refused with another client's key under its own key id", async () => {
    const stranger = await newKey('ES256', 'one')
    assertRefused(await redeem(await signed(claims(), stranger)), 'invalid_client', 401)
  })

  it('T01: is refused with HS256 over the public key', async () => {
    const secret = new TextEncoder().encode(JSON.stringify(key.jwk))
    const forged = await new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: 'one' }).sign(secret)
    assertRefused(await redeem(forged), 'invalid_client', 401)
  })

  it("C07: cannot use its assertion for another client's id", async () => {
    const other = await registered({ jwks: { keys: [(await newKey('ES256', 'two')).jwk] } })
    assertRefused(await redeem(await signed(claims()), other), 'invalid_client', 401)
  })

  describe('with keys at jwks_uri', () => {
    const documentClient = (path: string, jwksUri: string): TestClient => {
      const keys = { token_endpoint_auth_method: 'private_key_jwt', jwks_uri: jwksUri }
      const id = publisher.publishClient(path, keys)
      return new TestClient(connect.origin, { id, redirectUri: REDIRECT_URI })
    }

    it('works when its document names them, as ChatGPT’s, with RS256 among other keys', async () => {
      const others = [
        { kty: 'oct', k: 'x' },
        { kty: 'OKP', crv: 'Ed25519', x: 'x' },
      ]
      const who = documentClient('/rsa', publisher.publish('/rsa-keys', { keys: [...others, rsa.jwk] }))
      tokensOf(await redeem(await signed(claims({}, who.id), rsa, 'RS256'), who))
    })

    it('fetches new keys, but not for every unknown key id', async () => {
      const [old, next] = [await newKey('ES256', 'old'), await newKey('ES256', 'next')]
      const who = documentClient('/changing', publisher.publish('/changing-keys', { keys: [old.jwk] }))
      tokensOf(await redeem(await signed(claims({}, who.id), old), who))
      publisher.publish('/changing-keys', { keys: [old.jwk, next.jwk] })
      for (let index = 0; index < 3; index += 1) {
        assertRefused(await redeem(await signed(claims({}, who.id), next), who), 'invalid_client', 401)
      }
      assert.equal(publisher.timesAsked('/changing-keys'), 1)
      await connect.passTime(31)
      tokensOf(await redeem(await signed(claims({}, who.id), next), who))
      assert.equal(publisher.timesAsked('/changing-keys'), 2)
    })

    it('gets 503 when they cannot be fetched or read', async () => {
      for (const [path, body] of Object.entries({
        '/no-keys': '{}',
        '/html': '<html>',
        '/big': ' '.repeat(40_000),
      })) {
        const who = documentClient(`${path}-client`, publisher.publish(path, body))
        const answer = await redeem(await signed(claims({}, who.id)), who)
        assertRefused(answer, 'temporarily_unavailable', 503)
      }
    })

    it('is refused when the operator does not allow their host', async () => {
      const who = documentClient('/elsewhere', 'https://evil.example/jwks')
      assertRefused(await redeem(await signed(claims({}, who.id)), who), 'invalid_client', 401)
      const answer = await connect.register({
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: 'private_key_jwt',
        jwks_uri: 'https://evil.example/jwks',
      })
      assertRefused(answer, 'invalid_client_metadata')
    })
  })
})
