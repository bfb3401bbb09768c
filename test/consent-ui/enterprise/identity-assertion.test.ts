import assert from 'node:assert/strict'
import { createSecretKey } from 'node:crypto'
import { exportJWK, generateKeyPair, SignJWT, UnsecuredJWT } from 'jose'
import { ADA } from '../../../deploy/demo/people.ts'
import { FILES, PLATFORM } from '../../support/services.ts'
import { beforeAll } from '../../support/before-all.ts'
import { json, type Answer } from '../support/answer.ts'
import { assertRefused } from '../support/client.ts'
import { basic } from '../support/confidential-client.ts'
import { tokensFor } from '../support/person.ts'
import {
  claimsOf,
  present,
  presentClaims,
  READER,
  SECRET,
  signed,
  startEnterprise,
  UNLISTED,
  WRITER,
  type Claims,
} from './support.ts'

/** A client that registered itself has this address. */
const REDIRECT_URI = 'http://localhost:33418/callback'

describe('An identity assertion', () => {
  const connect = beforeAll(() => startEnterprise({ services: [PLATFORM, FILES] }))
  const now = (): number => connect.now()

  function assertNotUsed(answer: Answer, error: string, status?: number): void {
    assertRefused(answer, error, status)
    assert.equal(connect.organisation.registryProxy.timesAsked('/api/token-exchange'), 0)
  }

  beforeEach(() => connect.organisation.registryProxy.forget())

  it('opens a session: an access token without a refresh token', async () => {
    const answer = await presentClaims(connect)
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const { access_token: token, expires_in: seconds, ...rest } = json(answer)
    assert.equal(typeof token, 'string')
    assert.ok(Number(seconds) > 3590 && Number(seconds) <= 3600, String(seconds))
    assert.deepEqual(rest, { token_type: 'Bearer', scope: 'platform' })
  })

  const wrong: Record<string, () => Claims> = {
    'J02: of another issuer': () => ({ iss: 'https://evil.example' }),
    'J02: without an issuer': () => ({ iss: undefined }),
    'J02: for another audience': () => ({ aud: 'https://evil.example' }),
    'J02: for the resource instead of the issuer': () => ({ aud: `${connect.origin}/mcp/platform` }),
    'J02: for the issuer with a slash': () => ({ aud: `${connect.origin}/` }),
    'J02: for two audiences': () => ({ aud: [connect.origin, 'https://evil.example'] }),
    'J02: for a list of one audience': () => ({ aud: [connect.origin] }),
    'J02: without an audience': () => ({ aud: undefined }),
    'J03: for another client': () => ({ client_id: WRITER }),
    'J03: without a client': () => ({ client_id: undefined }),
    'J04: without a jti': () => ({ jti: undefined }),
    'J04: with an empty jti': () => ({ jti: '' }),
    'J04: with an endless jti': () => ({ jti: 'x'.repeat(501) }),
    'J05: that is over': () => ({ iat: now() - 400, exp: now() - 61 }),
    'J05: from the future': () => ({ iat: now() + 120, exp: now() + 300 }),
    'J05: that is not valid yet': () => ({ nbf: now() + 120 }),
    'J05: that lives too long': () => ({ exp: now() + 601 }),
    'J05: without an end': () => ({ exp: undefined }),
    'J05: without a beginning': () => ({ iat: undefined }),
    'J05: whose times are texts': () => ({ iat: String(now()), exp: String(now() + 300) }),
    'J07: without a subject': () => ({ sub: undefined }),
    'J07: with an empty subject': () => ({ sub: '' }),
    'J06: for the resource of another server': () => ({ resource: 'https://evil.example/mcp' }),
    'J06: for our resource and another server’s': () => ({
      resource: [`${connect.origin}/mcp/platform`, 'https://evil.example/mcp'],
    }),
    'J06: whose resource is no text': () => ({ resource: { url: connect.origin } }),
    'J06: with only scopes of another server': () => ({ scope: 'chat.read admin' }),
    'J06: with an empty scope': () => ({ scope: '' }),
    'J07: of a tenant that is not configured': () => ({ tenant: 'evil' }),
    'J01: bound to a key of its client': () => ({ cnf: { jkt: 'x' } }),
    'J07: whose e-mail address is denied': () => ({ email_verified: false }),
  }
  for (const [which, changes] of Object.entries(wrong)) {
    it(`${which}: refused before the Registry is asked`, async () => {
      const claims = claimsOf(connect, changes())
      assertNotUsed(await present(connect, await signed(connect, claims)), 'invalid_grant')
    })
  }

  for (const [which, header] of Object.entries({
    'an ID token': { typ: 'JWT' },
    'an access token': { typ: 'at+jwt' },
    'a token without a type': { typ: undefined },
    'a token with an unknown critical header': { crit: ['x'], x: 1 },
  })) {
    it(`J01: ${which} in its place is refused`, async () => {
      const token = await signed(connect, claimsOf(connect), header as object).catch(() => 'unsignable')
      assertNotUsed(await present(connect, token), 'invalid_grant')
    })
  }

  it('J01: forged, unsigned, or signed with the public key as a secret, is refused', async () => {
    const claims = claimsOf(connect)
    const other = await generateKeyPair('RS256')
    const header = { typ: 'oauth-id-jag+jwt' }
    const forged = await new SignJWT(claims)
      .setProtectedHeader({ ...header, alg: 'RS256' })
      .sign(other.privateKey)
    const { n = '' } = connect.organisation.signingKey
    const secret = createSecretKey(Buffer.from(n, 'base64url'))
    const symmetric = await new SignJWT(claims).setProtectedHeader({ ...header, alg: 'HS256' }).sign(secret)
    const pss = await generateKeyPair('PS256')
    const another = await new SignJWT(claims)
      .setProtectedHeader({ ...header, alg: 'PS256' })
      .sign(pss.privateKey)
    const embedded = await new SignJWT(claims)
      .setProtectedHeader({ ...header, alg: 'RS256', jwk: await exportJWK(other.publicKey), kid: 'embedded' })
      .sign(other.privateKey)
    const unsigned = new UnsecuredJWT(claims).encode()
    for (const token of [forged, symmetric, another, embedded, unsigned, 'not a token', '..']) {
      assertNotUsed(await present(connect, token), 'invalid_grant')
    }
  })

  it('J04: is used once, also when it comes twice at the same time', async () => {
    const assertion = await signed(connect, claimsOf(connect))
    const answers = await Promise.all([1, 2, 3].map(() => present(connect, assertion)))
    assert.deepEqual(answers.map(({ status }) => status).sort(), [200, 400, 400])
    assertRefused(await present(connect, assertion), 'invalid_grant')
    assert.equal(connect.organisation.registryProxy.timesAsked('/api/token-exchange'), 1)
  })

  it('J04: is not used up by a request that is refused', async () => {
    const assertion = await signed(connect, claimsOf(connect))
    const wrongSecret = { headers: basic(READER, 'wrong') }
    assertRefused(await present(connect, assertion, wrongSecret), 'invalid_client', 401)
    const form = { resource: 'https://evil.example/mcp' }
    assertRefused(await present(connect, assertion, { form }), 'invalid_target')
    assert.equal((await present(connect, assertion)).status, 200)
  })

  it('J03: is refused without the secret of its client, or from a client that the operator did not list', async () => {
    const assertion = await signed(connect, claimsOf(connect))
    const form = { client_id: READER }
    assertNotUsed(await present(connect, assertion, { form, headers: {} }), 'invalid_client', 401)
    assertNotUsed(await presentClaims(connect, { client_id: UNLISTED }), 'unauthorized_client')
  })

  it('J03: is refused from a public client, listed or not', async () => {
    const { id } = await connect.client(REDIRECT_URI)
    const assertion = await signed(connect, claimsOf(connect, { client_id: id }))
    const answer = await present(connect, assertion, { form: { client_id: id }, headers: {} })
    assertNotUsed(answer, 'unauthorized_client')
  })

  it('J03: cannot be presented by another listed client', async () => {
    const assertion = await signed(connect, claimsOf(connect))
    const headers = basic(WRITER, SECRET)
    assertNotUsed(await present(connect, assertion, { headers }), 'invalid_grant')
  })

  it('J06: grants only scopes that the identity provider and the request name', async () => {
    const answer = await presentClaims(
      connect,
      { scope: 'openid platform other' },
      { form: { scope: 'platform offline_access' } },
    )
    assert.equal(json(answer).scope, 'platform')
    assert.equal(json(await presentClaims(connect, { scope: undefined })).scope, 'platform')
  })

  it('J06: without a resource is for the default service only', async () => {
    assert.equal((await presentClaims(connect, { resource: undefined })).status, 200)
    assertRefused(await presentClaims(connect, { resource: undefined }, forFiles()), 'invalid_target')
  })

  it('J06: for one service opens no session at another; for several, the request chooses', async () => {
    assertRefused(await presentClaims(connect, { scope: undefined }, forFiles()), 'invalid_target')
    const form = { resource: `${connect.origin}/mcp/platform` }
    assert.equal((await presentClaims(connect, {}, { form })).status, 200)
    const both = {
      resource: [`${connect.origin}/mcp/platform`, `${connect.origin}/files`],
      scope: 'platform files',
    }
    assertRefused(await presentClaims(connect, both), 'invalid_target')
    assert.equal(json(await presentClaims(connect, both, forFiles())).scope, 'files')
  })

  function forFiles() {
    return { form: { resource: `${connect.origin}/files` } }
  }

  it('is refused as long as it is missing, repeated or not in a form', async () => {
    assertRefused(await present(connect, ''), 'invalid_request')
    const assertion = await signed(connect, claimsOf(connect))
    const twice = `grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=${assertion}&assertion=x`
    assertRefused(await connect.post('/auth/token', twice, basic(READER, SECRET)), 'invalid_request')
  })

  it('J08: of a user without a Quilt account, or a deactivated one, is refused', async () => {
    const unknown = { sub: 'charles', email: 'charles@example.com' }
    assertRefused(await presentClaims(connect, unknown), 'invalid_grant')
    connect.organisation.deactivated.add(ADA.quilt.name)
    assertRefused(await presentClaims(connect), 'invalid_grant')
    connect.organisation.deactivated.clear()
  })

  it('J07: is refused when Quilt knows the user by another e-mail address', async () => {
    const answer = await presentClaims(connect, { email: 'ADA@example.com' })
    assertRefused(answer, 'invalid_grant')
    await connect.organisation.registryProxy.loggedOut(connect.organisation.registryProxy.lastCredential)
  })

  it('appears in no line of the log, nor does its credential', async () => {
    connect.lines.length = 0
    const assertion = await signed(connect, claimsOf(connect, { email: 'ADA@example.com' }))
    await present(connect, assertion)
    await present(connect, assertion)
    const log = connect.lines.join('\n')
    assert.match(log, /assertion refused: its jti was used before/)
    for (const part of [...assertion.split('.'), connect.organisation.registryProxy.lastCredential]) {
      assert.ok(!log.includes(part), 'a part of it is in the log')
    }
  })

  it('is an unknown grant type, and not advertised, while enterprise-managed authorization is off', async () => {
    connect.redeploy({ ENTERPRISE_CLIENTS: '' })
    assertRefused(await presentClaims(connect), 'unsupported_grant_type')
    const { text } = await connect.get('/.well-known/oauth-authorization-server')
    assert.doesNotMatch(text, /jwt-bearer:?["\]]|id-jag/)
    connect.redeploy({ ENTERPRISE_CLIENTS: JSON.stringify([{ client_id: READER }]) })
  })

  it('is advertised as the extension says', async () => {
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      const metadata = json(await connect.get(`/.well-known/${name}`))
      assert.deepEqual(metadata.grant_types_supported, [
        'authorization_code',
        'refresh_token',
        'urn:ietf:params:oauth:grant-type:jwt-bearer',
      ])
      assert.deepEqual(metadata.authorization_grant_profiles_supported, [
        'urn:ietf:params:oauth:grant-profile:id-jag',
      ])
    }
  })

  it('leaves the sessions of other grants as they were', async () => {
    const client = await connect.client(REDIRECT_URI)
    const tokens = await tokensFor(connect, client)
    assert.equal((await presentClaims(connect)).status, 200)
    assert.equal((await client.refresh(tokens.refresh_token)).status, 200)
  })
})
