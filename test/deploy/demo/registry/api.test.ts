import assert from 'node:assert/strict'
import { decodeJwt, SignJWT } from 'jose'
import { ADA, PEOPLE } from '../../../../deploy/demo/people.ts'
import { createRegistry } from '../../../../deploy/demo/registry/server.ts'
import { CLIENT, startRegistry, TOKEN_SECONDS, type StartedRegistry } from '../support/registry.ts'
import { SILENT, start } from '../support/start.ts'
import { call, EVERYWHERE_200, EVERYWHERE_401, statusesOf } from './support/call.ts'

describe("The demo Registry's API", () => {
  let registry: StartedRegistry

  beforeEach(async () => {
    registry = await startRegistry()
  })

  async function refusal(authorization?: string): Promise<unknown> {
    const { status, body, headers } = await call(registry, ['GET', '/api/me'], { authorization })
    assert.equal(status, 401)
    assert.equal(headers.get('www-authenticate'), 'Bearer')
    return body
  }

  it('returns the user of a token, with and without the scheme', async () => {
    const token = await registry.tokenOf(ADA)
    for (const authorization of [`Bearer ${token}`, `bearer  ${token}`, token]) {
      const { body } = await call(registry, ['GET', '/api/me?_cachebust=1'], { authorization })
      assert.deepEqual(body, { current_user: 'ada', email: ADA.email, is_staff: false, is_active: true })
      assert.deepEqual(await statusesOf(registry, authorization), EVERYWHERE_200)
    }
  })

  it('returns the documented 401 without a token, or with a forged one', async () => {
    const claims = {
      id: ADA.quilt.id,
      uuid: '0d9e6b3c-0000-4000-8000-000000000000',
      exp: registry.clock + 60,
    }
    const header = { typ: 'JWT', alg: 'HS256' }
    const forged = await new SignJWT(claims).setProtectedHeader(header).sign(new Uint8Array(32))
    const [, body, signature] = (await registry.tokenOf(ADA)).split('.')
    const unsigned = `${Buffer.from('{"alg":"none"}').toString('base64url')}.${body ?? ''}.`
    const renamed = `${Buffer.from('{"alg":"HS512"}').toString('base64url')}.${body ?? ''}.${signature ?? ''}`
    assert.deepEqual(await refusal(), { message: 'Not logged in' })
    assert.deepEqual(await refusal('Bearer '), { message: 'Not logged in' })
    assert.deepEqual(await refusal('Bearer abc'), { message: 'Token could not be deserialized' })
    for (const token of [forged, unsigned, renamed]) {
      assert.deepEqual(await refusal(`Bearer ${token}`), { message: 'Token invalid.' })
      assert.deepEqual(await statusesOf(registry, token), EVERYWHERE_401)
    }
  })

  it('refuses a token from the second in which it expires', async () => {
    const token = await registry.tokenOf(ADA)
    registry.clock += TOKEN_SECONDS - 1
    assert.deepEqual(await statusesOf(registry, token), EVERYWHERE_200)
    registry.clock += 1
    assert.deepEqual(await refusal(token), { message: 'Token invalid.' })
  })

  it('logs out one token only', async () => {
    const [first, second] = [await registry.tokenOf(ADA), await registry.tokenOf(ADA)]
    const logout = () => call(registry, ['POST', '/api/logout'], { authorization: `Bearer ${first}` })
    const { status, body } = await logout()
    assert.deepEqual([status, body], [200, {}])
    assert.deepEqual(await refusal(`Bearer ${first}`), { message: 'Token invalid.' })
    assert.deepEqual(await statusesOf(registry, second), EVERYWHERE_200)
    assert.equal((await logout()).status, 401)
  })

  it('refreshes a token, and then refuses the previous one', async () => {
    const before = await registry.tokenOf(ADA)
    registry.clock += 10
    const refresh = () =>
      call(registry, ['POST', '/api/refresh'], { authorization: `Bearer ${before}`, json: {} })
    const { status, body } = await refresh()
    const { token, exp } = body as { token: string; exp: number }
    assert.deepEqual([status, exp], [200, registry.clock + TOKEN_SECONDS])
    assert.equal(decodeJwt(token).exp, exp)
    assert.deepEqual(await statusesOf(registry, token), EVERYWHERE_200)
    assert.deepEqual(await statusesOf(registry, before), EVERYWHERE_401)
    assert.equal((await refresh()).status, 401)
  })

  it('refreshes a token once when 10 requests ask at once', async () => {
    const authorization = await registry.tokenOf(ADA)
    const asked = Array.from({ length: 10 }, () =>
      call(registry, ['POST', '/api/refresh'], { authorization }),
    )
    const statuses = (await Promise.all(asked)).map(({ status }) => status)
    assert.equal(statuses.filter((status) => status === 200).length, 1)
  })

  it('issues made-up AWS credentials for an hour', async () => {
    const authorization = await registry.tokenOf(ADA)
    const ask = async () => {
      const { body, headers } = await call(registry, ['GET', '/api/auth/get_credentials'], { authorization })
      assert.equal(headers.get('cache-control'), 'no-store')
      return body as Record<string, string>
    }
    const credentials = await ask()
    const names = ['AccessKeyId', 'SecretAccessKey', 'SessionToken', 'Expiration']
    assert.deepEqual(Object.keys(credentials), names)
    assert.match(credentials.AccessKeyId ?? '', /^ASIA[A-Z0-9]{16}$/)
    assert.equal(credentials.SecretAccessKey?.length, 40)
    assert.equal(Date.parse(credentials.Expiration ?? ''), (registry.clock + 3600) * 1000)
    assert.notEqual((await ask()).SecretAccessKey, credentials.SecretAccessKey)
  })

  it('publishes its URL and its providers in config.json', async () => {
    const { body } = await call(registry, ['GET', '/config.json'])
    const { registryUrl, region, ssoProviders } = body as Record<string, string>
    assert.equal(registryUrl, registry.origin)
    assert.equal(region, 'us-east-1')
    assert.equal(ssoProviders, 'google okta onelogin azure')
  })

  it('returns 400 for invalid JSON and 404 for unknown paths', async () => {
    const headers = { authorization: await registry.tokenOf(ADA), 'content-type': 'application/json' }
    const broken = await fetch(`${registry.origin}/graphql`, { method: 'POST', headers, body: '{' })
    assert.equal(broken.status, 400)
    assert.deepEqual(await broken.json(), { message: 'The request body cannot be read.' })
    const { status, body } = await call(registry, ['GET', '/api/nothing'])
    assert.deepEqual([status, body], [404, { message: 'Not found.' }])
  })

  it('returns 200 at /healthcheck', async () => {
    const { status, body, headers } = await call(registry, ['GET', '/healthcheck'])
    assert.deepEqual([status, body], [200, 'ok'])
    assert.match(headers.get('content-type') ?? '', /^text\/plain/)
  })
})

describe('Options of the demo Registry', () => {
  const options = {
    identityProvider: 'http://localhost:1',
    client: CLIENT,
    people: PEOPLE,
    deactivated: new Set<string>(),
    tokenSeconds: 60,
    log: SILENT,
    now: () => 1_795_500_000,
  }
  const json = { username: 'ada', password: ADA.password }

  it('change the lifetime of tokens from the next one on', async () => {
    const registry = await start(() => createRegistry(options))
    for (const seconds of [60, 5]) {
      options.tokenSeconds = seconds
      const { body } = await call(registry, ['POST', '/api/login'], { json })
      assert.equal((body as { exp: number }).exp, options.now() + seconds)
    }
  })

  it('deactivate a user at once', async () => {
    const registry = await start(() => createRegistry(options))
    const { body } = await call(registry, ['POST', '/api/login'], { json })
    const { token } = body as { token: string }
    options.deactivated.add('ada')
    assert.deepEqual(await statusesOf(registry, token), EVERYWHERE_401)
    options.deactivated.clear()
    assert.deepEqual(await statusesOf(registry, token), EVERYWHERE_200)
  })

  it('keep tokens valid across a restart only with the same secret', async () => {
    const { body } = await call(await start(() => createRegistry(options)), ['POST', '/api/login'], { json })
    const { token } = body as { token: string }
    const again = await start(() => createRegistry(options))
    assert.deepEqual(await statusesOf(again, token), EVERYWHERE_200)
    const client = { ...CLIENT, secret: 'another' }
    const other = await start(() => createRegistry({ ...options, client }))
    assert.deepEqual(await statusesOf(other, token), EVERYWHERE_401)
  })
})
