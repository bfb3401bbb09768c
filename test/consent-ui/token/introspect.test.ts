import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { callerEntry } from '../../../consent-ui/callers/caller-keys.ts'
import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { newSecret } from '../../../core/keys/keys.ts'
import { ADA } from '../../../deploy/demo/people.ts'
import { beforeAll } from '../../support/before-all.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { until } from '../../support/until.ts'
import { openApps, send, tagOf } from '../apps/support.ts'
import { json, type Answer, type HeaderFields } from '../support/answer.ts'
import { assertRefused, type Tokens } from '../support/client.ts'
import { basic } from '../support/confidential-client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { tokensFor } from '../support/person.ts'

const KEY = newSecret('operator')
const OFFBOARDING = newSecret('operator')
const SETTINGS = {
  CONNECT_OPERATOR_KEYS: [
    callerEntry('files', 'introspect', KEY),
    callerEntry('hr', 'end-user', OFFBOARDING),
  ].join(','),
}

describe('Token introspection', () => {
  const connect = beforeAll(() => startConnect({ settings: SETTINGS }))
  const client = beforeAll(() => connect.client())
  let tokens: Tokens

  beforeEach(async () => {
    tokens = await tokensFor(connect, client)
  })

  afterEach(() => {
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: '', CONNECT_STOP: '' })
    connect.organisation.deactivated.clear()
    connect.organisation.registryProxy.isDown = false
  })

  async function ask(
    token: string,
    headers: HeaderFields = bearer(KEY),
    at: Connect = connect,
  ): Promise<Answer> {
    return await at.post('/auth/introspect', { token }, headers)
  }

  async function assertInactive(token: string): Promise<void> {
    const answer = await ask(token)
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(json(answer), { active: false })
  }

  it('says whose token it is, for which service and client, with which access, and until when', async () => {
    const answer = await ask(tokens.access_token)
    assert.equal(answer.status, 200, answer.text)
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    const { sub, aud, iss, jti, iat, exp } = decodeJwt(tokens.access_token)
    assert.deepEqual(json(answer), {
      active: true,
      token_type: 'Bearer',
      username: ADA.email,
      client_id: client.id,
      scope: 'platform',
      access: 'full',
      ...{ sub, aud, iss, jti, iat, exp },
    })
  })

  it('never returns the share k or the id of the session', async () => {
    const { k, sid } = decodeJwt(tokens.access_token)
    const { text } = await ask(tokens.access_token)
    assert.ok(!text.includes(String(k)) && !text.includes(String(sid)), text)
  })

  it('says what a downgraded session may do now', async () => {
    await send(await openApps(connect), { narrow: tagOf(tokens) })
    assert.equal(json(await ask(tokens.access_token)).access, 'read')
  })

  it('says that a revoked, expired, changed or unknown token, and any refresh token, is not active', async () => {
    const [head = '', , signature = ''] = tokens.access_token.split('.')
    const claims = { ...decodeJwt(tokens.access_token), sub: 'grace' }
    const forged = [head, Buffer.from(JSON.stringify(claims)).toString('base64url'), signature].join('.')
    for (const token of [forged, tokens.refresh_token, 'x', `${tokens.access_token}x`])
      await assertInactive(token)
    connect.skipOwnClock(3601)
    await assertInactive(tokens.access_token)
    connect.skipOwnClock(-3601)
    assert.equal(json(await ask(tokens.access_token)).active, true)
    await client.revoke(tokens.refresh_token)
    await assertInactive(tokens.access_token)
  })

  it('says that a token of a blocked client is not active', async () => {
    for (const blocked of [fingerprintOf(client.id), 'localhost']) {
      connect.redeploy({ CONNECT_BLOCKED_CLIENTS: blocked })
      await assertInactive(tokens.access_token)
    }
  })

  it('says that a token is not active when its session is for another service', async () => {
    const other = await connect.client('https://claude.ai/api/mcp/auth_callback', 'Claude')
    const theirs = await tokensFor(connect, other)
    const session = String(decodeJwt(theirs.access_token).sid)
    const record = (await connect.redis.hget(`connect:{${session}}:session`, 'record')) ?? ''
    const elsewhere = record.replace('/mcp/platform"', '/mcp/elsewhere"')
    assert.notEqual(elsewhere, record)
    await connect.redis.hset(`connect:{${session}}:session`, 'record', elsewhere)
    await assertInactive(theirs.access_token)
  })

  it('returns 503 while the operator has stopped the service or everything', async () => {
    for (const stopped of ['platform', 'all']) {
      connect.redeploy({ CONNECT_STOP: stopped })
      assertRefused(await ask(tokens.access_token), 'temporarily_unavailable', 503)
    }
  })

  it('notices a user whom an administrator deactivated, and goes on while the Registry is down', async () => {
    connect.skipOwnClock(60)
    connect.organisation.registryProxy.isDown = true
    assert.equal(json(await ask(tokens.access_token)).active, true)
    connect.organisation.registryProxy.isDown = false
    connect.organisation.deactivated.add(ADA.quilt.name)
    await assertInactive(tokens.access_token)
    connect.skipOwnClock(-60)
  })

  describe('authenticates its caller', () => {
    it('by bearer token or by HTTP Basic with the name of the key', async () => {
      for (const headers of [bearer(KEY), basic('files', KEY), { authorization: `bearer ${KEY}` }]) {
        assert.equal(json(await ask(tokens.access_token, headers)).active, true)
      }
    })

    for (const [what, headers] of Object.entries({
      'no key': {},
      'another key': bearer(newSecret('operator')),
      'the key of another program': bearer(OFFBOARDING),
      'another name': basic('hr', KEY),
      'its hash': bearer(SETTINGS.CONNECT_OPERATOR_KEYS.split(':')[2]?.split(',')[0] ?? ''),
      'two keys': { authorization: `Bearer ${KEY}, Bearer ${KEY}` },
    })) {
      it(`M04: refuses ${what} with 401 and a challenge, for any token`, async () => {
        for (const token of [tokens.access_token, 'x']) {
          const answer = await ask(token, headers)
          assertRefused(answer, 'invalid_client', 401)
          assert.match(answer.headers.get('www-authenticate') ?? '', /^(Bearer|Basic) realm="http/)
        }
      })
    }

    it('and refuses the token’s own client', async () => {
      const form = { token: tokens.access_token, client_id: client.id }
      assertRefused(await connect.post('/auth/introspect', form), 'invalid_client', 401)
      assertRefused(await ask(tokens.access_token, bearer(tokens.access_token)), 'invalid_client', 401)
    })

    it('and returns 429 after many wrong keys, but still serves the right one', async () => {
      connect.redeploy({ RATE_LIMIT_CALLER_FAILURES: '3/60' })
      const from = { 'x-envoy-external-address': '192.0.2.80' }
      const statuses: number[] = []
      for (let tries = 0; tries < 5; tries += 1) {
        statuses.push((await ask('x', { ...bearer(newSecret('operator')), ...from })).status)
      }
      assert.deepEqual(statuses, [401, 401, 401, 429, 429])
      assert.equal(json(await ask(tokens.access_token, { ...bearer(KEY), ...from })).active, true)
      connect.redeploy({ RATE_LIMIT_CALLER_FAILURES: 'off' })
    })
  })

  it('refuses a request without a token, or with two', async () => {
    for (const form of ['', 'token_type_hint=access_token', 'token=a&token=b']) {
      assertRefused(await connect.post('/auth/introspect', form, bearer(KEY)), 'invalid_request')
    }
  })

  it('returns 503 for any token while Redis does not answer', async () => {
    const valkey = await startValkey()
    const lonely = await startConnect({ valkey, settings: SETTINGS })
    const theirs = await tokensFor(lonely, await lonely.client())
    await valkey.kill()
    await until(() => lonely.redis.status !== 'ready', 'the lost connection')
    assertRefused(await ask(theirs.access_token, bearer(KEY), lonely), 'temporarily_unavailable', 503)
  })

  it('logs neither key nor token', () => {
    const log = connect.lines.join('')
    assert.ok(!log.includes(KEY) && !log.includes(tokens.access_token))
  })

  it('T02: is advertised and answers POST only; without a key it is absent', async () => {
    const metadata = json(await connect.get('/.well-known/oauth-authorization-server'))
    assert.equal(metadata.introspection_endpoint, `${connect.origin}/auth/introspect`)
    assert.deepEqual(metadata.introspection_endpoint_auth_methods_supported, [
      'Bearer',
      'client_secret_basic',
    ])
    assert.equal((await connect.get('/auth/introspect', bearer(KEY))).status, 405)
    connect.redeploy({ CONNECT_OPERATOR_KEYS: callerEntry('hr', 'end-user', OFFBOARDING) })
    assert.equal((await ask(tokens.access_token)).status, 404)
    const without = json(await connect.get('/.well-known/oauth-authorization-server'))
    assert.ok(!Object.keys(without).some((name) => name.startsWith('introspection')))
    connect.redeploy(SETTINGS)
  })
})

function bearer(key: string): { readonly authorization: string } {
  return { authorization: `Bearer ${key}` }
}
