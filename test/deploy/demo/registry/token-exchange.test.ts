import assert from 'node:assert/strict'
import { decodeJwt, decodeProtectedHeader } from 'jose'
import { ADA, type DemoPerson } from '../../../../deploy/demo/people.ts'
import {
  ASSERTION_AUDIENCE,
  basic,
  CLIENT,
  exchangeForm,
  startRegistry,
  TOKEN_SECONDS,
  type ExchangeRequest,
  type StartedRegistry,
} from '../support/registry.ts'
import { call, EVERYWHERE_200, EVERYWHERE_401, statusesOf } from './support/call.ts'
import { beforeAll } from '../../../support/before-all.ts'

const ACCESS_TOKEN = 'urn:ietf:params:oauth:token-type:access_token'

interface Tokens {
  readonly access_token: string
  readonly refresh_token: string
}

describe("The demo Registry's token exchange", () => {
  let idToken: string

  const registry = beforeAll(() => startRegistry())

  before(async () => {
    idToken = await registry.issuer.sign(registry.claimsOf(ADA))
  })

  async function refused(request: ExchangeRequest): Promise<{ status: number; error: string }> {
    const response = await registry.exchange(request)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const body = (await response.json()) as { error: string; error_description: string }
    assert.deepEqual(Object.keys(body), ['error', 'error_description'])
    return { status: response.status, error: body.error }
  }

  it('exchanges an ID token for a Quilt token of the user', async () => {
    const response = await registry.exchange({ form: exchangeForm(idToken) })
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('cache-control'), 'no-store')
    const { access_token: token, refresh_token: refreshToken, ...rest } = (await response.json()) as Tokens
    assert.match(refreshToken, /^[\w-]{43}$/)
    const about = { issued_token_type: ACCESS_TOKEN, token_type: 'Bearer', expires_in: TOKEN_SECONDS }
    assert.deepEqual(rest, about)
    assert.deepEqual(decodeProtectedHeader(token), { typ: 'JWT', alg: 'HS256' })
    const { uuid, ...claims } = decodeJwt(token)
    assert.match(String(uuid), /^[\da-f-]{36}$/)
    assert.deepEqual(claims, { id: ADA.quilt.id, exp: registry.clock + TOKEN_SECONDS })
  })

  for (const path of ['/realms/quilt', '/tenant/']) {
    it(`exchanges an ID token of an issuer with the path ${path}`, async () => {
      const atPath = await startRegistry(path)
      assert.deepEqual(await statusesOf(atPath, await atPath.tokenOf(ADA)), EVERYWHERE_200)
    })
  }

  const changed: Record<string, (now: number) => object> = {
    'of another issuer': () => ({ iss: 'http://localhost:1' }),
    'for another application': () => ({ aud: 'another' }),
    'whose azp is another client': () => ({ aud: [CLIENT.id, 'other'], azp: 'other' }),
    'that expires this second': (now) => ({ exp: now }),
    'that never expires': () => ({ exp: undefined }),
    'without e-mail': () => ({ email: undefined }),
    'whose e-mail is not verified': () => ({ email_verified: false }),
    'without email_verified': () => ({ email_verified: undefined }),
    'of a user without a Quilt account': () => ({ email: 'charles@example.com' }),
  }
  for (const [which, change] of Object.entries(changed)) {
    it(`refuses an ID token ${which}`, async () => {
      const token = await registry.issuer.sign({ ...registry.claimsOf(ADA), ...change(registry.clock) })
      const answer = await refused({ form: exchangeForm(token) })
      assert.deepEqual(answer, { status: 400, error: 'invalid_request' })
    })
  }

  it('exchanges an identity assertion for Connect, and no other token in its place', async () => {
    const type = 'urn:ietf:params:oauth:token-type:id-jag'
    const claims = { ...registry.claimsOf(ADA), aud: ASSERTION_AUDIENCE }
    const formOf = (token: string) => ({ ...exchangeForm(token), subject_token_type: type })
    const assertion = await registry.issuer.sign(claims, 'oauth-id-jag+jwt')
    assert.equal((await registry.exchange({ form: formOf(assertion) })).status, 200)
    for (const token of [
      idToken,
      await registry.issuer.sign(claims),
      await registry.issuer.sign({ ...claims, aud: 'https://evil.example' }, 'oauth-id-jag+jwt'),
    ]) {
      const answer = await refused({ form: formOf(token) })
      assert.deepEqual(answer, { status: 400, error: 'invalid_request' })
    }
    const asIdToken = await refused({ form: exchangeForm(assertion) })
    assert.deepEqual(asIdToken, { status: 400, error: 'invalid_request' })
  })

  it('refuses an ID token that the identity provider did not sign', async () => {
    const forged = await registry.issuer.forge(registry.claimsOf(ADA))
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${forged.split('.')[1] ?? ''}.`
    for (const token of [forged, unsigned, 'not a token']) {
      const answer = await refused({ form: exchangeForm(token) })
      assert.deepEqual(answer, { status: 400, error: 'invalid_request' })
    }
  })

  it('returns invalid_client and the scheme for wrong client credentials', async () => {
    for (const authorization of [
      basic(CLIENT.id, 'wrong'),
      basic('another', CLIENT.secret),
      basic(CLIENT.id, ''),
      `Bearer ${idToken}`,
      'Basic',
    ]) {
      const request = { form: exchangeForm(idToken), authorization }
      assert.deepEqual(await refused(request), { status: 401, error: 'invalid_client' })
      assert.match((await registry.exchange(request)).headers.get('www-authenticate') ?? '', /^Basic /)
    }
  })

  it('refuses other requests with the OAuth error of each', async () => {
    const form = exchangeForm(idToken)
    const twice = `${new URLSearchParams(form).toString()}&grant_type=x`
    const cases: [Record<string, string> | string, string][] = [
      [{ ...form, grant_type: 'authorization_code' }, 'unsupported_grant_type'],
      [{ grant_type: 'refresh_token' }, 'invalid_request'],
      [{ ...form, grant_type: '' }, 'invalid_request'],
      [{ ...form, subject_token: '' }, 'invalid_request'],
      [{ ...form, subject_token_type: ACCESS_TOKEN }, 'invalid_request'],
      [{ ...form, requested_token_type: 'urn:ietf:params:oauth:token-type:saml2' }, 'invalid_request'],
      [twice, 'invalid_request'],
    ]
    for (const [wrong, error] of cases) {
      assert.deepEqual(await refused({ form: wrong }), { status: 400, error }, JSON.stringify(wrong))
    }
  })

  it('refuses a JSON body', async () => {
    const response = await fetch(`${registry.origin}/api/token-exchange`, {
      method: 'POST',
      headers: { authorization: basic(CLIENT.id, CLIENT.secret), 'content-type': 'application/json' },
      body: JSON.stringify(exchangeForm(idToken)),
    })
    assert.equal(response.status, 400)
  })

  it('returns 503 while the identity provider is down', async () => {
    const other = await startRegistry()
    const token = await other.issuer.sign(other.claimsOf(ADA))
    other.issuer.stop()
    const response = await other.exchange({ form: exchangeForm(token) })
    assert.equal(response.status, 503)
    assert.equal(response.headers.get('retry-after'), '5')
  })
})

describe("A refresh token of the demo Registry's token exchange", () => {
  let registry: StartedRegistry
  let given: Tokens

  beforeEach(async () => {
    registry = await startRegistry()
    given = await exchanged(ADA)
  })

  async function exchanged(person: DemoPerson): Promise<Tokens> {
    const form = exchangeForm(await registry.issuer.sign(registry.claimsOf(person)))
    return (await (await registry.exchange({ form })).json()) as Tokens
  }

  function renew(refreshToken = given.refresh_token, authorization?: string): Promise<Response> {
    const form = { grant_type: 'refresh_token', refresh_token: refreshToken }
    return registry.exchange({ form, ...(authorization === undefined ? {} : { authorization }) })
  }

  async function assertInvalidGrant(response: Response): Promise<void> {
    assert.equal(response.status, 400)
    assert.equal(((await response.json()) as { error: string }).error, 'invalid_grant')
  }

  it('gets a new token of the same user again and again, also after one has expired', async () => {
    for (const rounds of [1, 2]) {
      registry.clock += TOKEN_SECONDS
      const { access_token: token, ...rest } = (await (await renew()).json()) as Tokens
      assert.deepEqual(rest, { token_type: 'Bearer', expires_in: TOKEN_SECONDS }, `round ${rounds}`)
      assert.deepEqual(await statusesOf(registry, token), EVERYWHERE_200)
      assert.equal(decodeJwt(token).id, ADA.quilt.id)
      assert.deepEqual(await statusesOf(registry, given.access_token), EVERYWHERE_401)
    }
  })

  it('is refused without the client secret', async () => {
    assert.equal((await renew(given.refresh_token, basic(CLIENT.id, 'wrong'))).status, 401)
  })

  it('ends when any of its tokens is logged out, and not with another’s', async () => {
    const other = await exchanged(ADA)
    const { access_token: authorization } = (await (await renew()).json()) as Tokens
    await call(registry, ['POST', '/api/logout'], { authorization })
    await assertInvalidGrant(await renew())
    assert.equal((await renew(other.refresh_token)).status, 200)
  })

  it('stays valid when a token is refreshed, until that one is logged out', async () => {
    const refreshed = await call(registry, ['POST', '/api/refresh'], { authorization: given.access_token })
    assert.equal((await renew()).status, 200)
    const { token: authorization } = refreshed.body as { token: string }
    await call(registry, ['POST', '/api/logout'], { authorization })
    await assertInvalidGrant(await renew())
  })

  it('is refused for a deactivated user, and if it is not a refresh token', async () => {
    const setActive = (active: boolean) =>
      call(registry, ['POST', '/demo/people/ada/active'], { json: { active } })
    await setActive(false)
    await assertInvalidGrant(await renew())
    await setActive(true)
    assert.equal((await renew()).status, 200)
    for (const wrong of [given.access_token, 'x']) await assertInvalidGrant(await renew(wrong))
  })

  it('expires after 90 days', async () => {
    registry.clock += 90 * 86_400 - 1
    assert.equal((await renew()).status, 200)
    registry.clock += 1
    await assertInvalidGrant(await renew())
  })

  it('is not accepted as a credential', async () => {
    assert.deepEqual(await statusesOf(registry, given.refresh_token), EVERYWHERE_401)
  })
})
