import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { callerEntry } from '../../../consent-ui/callers/caller-keys.ts'
import { namesOfUser } from '../../../consent-ui/store/link-store.ts'
import { sha256 } from '../../../core/keys/hash.ts'
import { newSecret } from '../../../core/keys/keys.ts'
import { enlistAuthz } from '../../../core/sessions/session-changes.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { ADA, GRACE, type DemoPerson } from '../../../deploy/demo/people.ts'
import { CollectedAudit } from '../../core/audit/support/audit.ts'
import { beforeAll } from '../../support/before-all.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { until } from '../../support/until.ts'
import { refreshed } from '../apps/support.ts'
import { json, type Answer } from '../support/answer.ts'
import { assertRefused, type Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'

const KEY = newSecret('operator')
const OTHER_USE = newSecret('operator')
const SETTINGS = {
  CONNECT_OPERATOR_KEYS: `${callerEntry('hr', 'end-user', KEY)},${callerEntry('files', 'introspect', OTHER_USE)}`,
}

describe('The endpoint that ends a person’s sessions', () => {
  const audit = new CollectedAudit()
  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() => startConnect({ valkey, audit, settings: SETTINGS }))
  const client = beforeAll(() => connect.client())
  let tokens: Tokens[] = []
  let graces: Tokens | undefined

  /** Ada has two sessions and Grace one: opens what an earlier test ended. */
  beforeEach(async () => {
    await connect.redis.del('connect:authz')
    if (!(await isOpen(tokens[0]))) {
      tokens = [await tokensFor(connect, client), await tokensFor(connect, client)]
    }
    if (!(await isOpen(graces))) graces = await tokensFor(connect, client, { person: GRACE })
    audit.events.length = 0
  })

  afterEach(() => {
    connect.organisation.demoted.clear()
    connect.organisation.registryProxy.isDown = false
  })

  async function isOpen(of: Tokens | undefined): Promise<boolean> {
    const id = of === undefined ? '' : String(decodeJwt(of.access_token).sid)
    return (await new SessionStore(connect.redis).find(id)) !== undefined
  }

  async function end(
    key: string | undefined,
    body: unknown = { email: ADA.email },
    at: Connect = connect,
  ): Promise<Answer> {
    const headers = {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { authorization: `Bearer ${key}` }),
    }
    return await at.post(
      '/connect/admin/api/end-user',
      typeof body === 'string' ? body : JSON.stringify(body),
      headers,
    )
  }

  async function endedOf(all: readonly (Tokens | undefined)[]): Promise<boolean[]> {
    const results = await Promise.all(all.map((one) => refreshed(client, one?.refresh_token ?? '')))
    return results.map((result) => result === 'invalid_grant')
  }

  async function apiKeyOf({ quilt, password }: DemoPerson): Promise<string> {
    const post = async (path: string, body: unknown, token = ''): Promise<Record<string, unknown>> => {
      const headers = { 'content-type': 'application/json', authorization: `Bearer ${token}` }
      const response = await fetch(connect.organisation.registry.origin + path, {
        method: 'POST',
        headers,
        body: JSON.stringify(body),
      })
      return (await response.json()) as Record<string, unknown>
    }
    const { token } = await post('/api/login', { username: quilt.name, password })
    const query =
      'mutation { apiKeyCreate(input: { name: "offboarding" }) { ... on APIKeyCreated { secret } } }'
    const { data } = await post('/graphql', { query }, String(token))
    return (data as { apiKeyCreate: { secret: string } }).apiKeyCreate.secret
  }

  it('ends every session of the person and no other, and says how many', async () => {
    const answer = await end(KEY)
    assert.equal(answer.status, 200, answer.text)
    assert.deepEqual(json(answer), { ended: 2, acknowledged: true, replicated: true })
    assert.equal(answer.headers.get('cache-control'), 'no-store')
    assert.deepEqual(await endedOf([...tokens, graces]), [true, true, false])
    assert.deepEqual(json(await end(KEY)), { ended: 0, acknowledged: true, replicated: true })
  })

  /** Of Ada: by her name, and by her address. */
  function listsOfAda(): string[] {
    const person = { name: ADA.quilt.name, email: ADA.email }
    const names = namesOfUser(connect.organisation.registry.origin, person)
    return names.map((name) => `connect:sessions-of:${sha256(JSON.stringify([connect.origin, name]))}`)
  }

  it('reads lists of the person; each has the sessions that the other lost, and what a refresh entered again', async () => {
    const [byName = '', byAddress = ''] = listsOfAda()
    await connect.redis.del(await connect.redis.keys('connect:sessions:*'))
    assert.equal(await connect.redis.del(byName, byAddress), 2)
    assert.deepEqual(json(await end(KEY)).ended, 0)
    assert.deepEqual(await endedOf(tokens), [false, false])
    assert.equal((await connect.redis.zpopmin(byName)).length, 2)
    assert.deepEqual(json(await end(KEY)).ended, 2)
    assert.deepEqual(await endedOf([graces]), [false])
  })

  it('finds the sessions of a person without lists, as an earlier release left them', async () => {
    assert.equal(await connect.redis.del(listsOfAda()), 2)
    assert.deepEqual(json(await end(KEY)).ended, 2)
    assert.deepEqual(await endedOf([...tokens, graces]), [true, true, false])
  })

  it('finds the person in any case of the address', async () => {
    assert.equal(json(await end(KEY, { email: ADA.email.toUpperCase() })).ended, 2)
  })

  it('refuses a code that the person approved before', async () => {
    const code = await codeFor(connect, client)
    await end(KEY)
    assertRefused(await client.redeem(code), 'invalid_grant')
  })

  it('refuses a code of a person without a session, and not the next one', async () => {
    await end(KEY)
    const code = await codeFor(connect, client)
    assert.equal(json(await end(KEY, { email: ADA.email.toUpperCase() })).ended, 0)
    assertRefused(await client.redeem(code), 'invalid_grant')
    assert.equal((await client.redeem(await codeFor(connect, client))).status, 200)
    assert.equal(json(await end(KEY)).ended, 1)
  })

  it('refuses earlier codes also if Redis had no memory left', async () => {
    const code = await codeFor(connect, client)
    await connect.redis.config('SET', 'maxmemory', '1mb')
    try {
      await end(KEY)
    } finally {
      await connect.redis.config('SET', 'maxmemory', '0')
    }
    assertRefused(await client.redeem(code), 'invalid_grant')
  })

  it('says when an authz has not acknowledged', async () => {
    await enlistAuthz(connect.redis, 'silent')
    assert.deepEqual(json(await end(KEY)), { ended: 2, acknowledged: false, replicated: true })
    assert.deepEqual(await endedOf(tokens), [true, true])
  })

  it('is audited with the name of the key, and each session with whose it was', async () => {
    await end(KEY)
    assert.deepEqual(audit.names(), ['SessionRevoked', 'SessionRevoked', 'AdministratorAction'])
    const [revoked, , action] = audit.events
    assert.deepEqual([revoked?.userIdentity?.email, revoked?.additionalEventData.by], [ADA.email, 'operator'])
    assert.ok(action !== undefined)
    const { by, key, sessions, acknowledged } = action.additionalEventData
    assert.deepEqual(
      { by, key, sessions, acknowledged },
      { by: 'operator', key: 'hr', sessions: 2, acknowledged: true },
    )
  })

  it('M02: serves an administrator with their API key, and asks the Registry each time', async () => {
    const key = await apiKeyOf(ADA)
    assert.ok(Number(json(await end(key, { email: GRACE.email })).ended) >= 1)
    assert.equal(audit.last().userIdentity?.email, ADA.email)
    assert.equal(audit.last().additionalEventData.by, 'administrator')
    connect.organisation.demoted.add(ADA.quilt.name)
    assertRefused(await end(key), 'access_denied', 403)
    assert.deepEqual(await endedOf(tokens), [false, false])
  })

  it('M01: refuses the API key of a user who is not an administrator', async () => {
    assertRefused(await end(await apiKeyOf(GRACE)), 'access_denied', 403)
    assert.deepEqual(audit.names(), ['AdministrationOpened not_an_administrator'])
    assert.deepEqual(await endedOf(tokens), [false, false])
  })

  it('M04: refuses every other credential, also the key of another use, with 401 and a challenge', async () => {
    const token = tokens[0]?.access_token ?? ''
    for (const key of [undefined, newSecret('operator'), OTHER_USE, token, `qk_${'x'.repeat(40)}`, 'qk_x']) {
      const answer = await end(key)
      assertRefused(answer, 'invalid_client', 401)
      assert.match(answer.headers.get('www-authenticate') ?? '', /^Bearer realm=/)
    }
    assert.deepEqual(await endedOf(tokens), [false, false])
  })

  it('does not ask the Registry about more than a few unknown API keys of one address', async () => {
    connect.redeploy({ RATE_LIMIT_CALLER_FAILURES: '3/60' })
    connect.organisation.registryProxy.forget()
    const statuses: number[] = []
    for (let tries = 0; tries < 5; tries += 1)
      statuses.push((await end(`qk_${'y'.repeat(40)}${tries}`)).status)
    assert.deepEqual(statuses, [401, 401, 401, 429, 429])
    assert.equal(connect.organisation.registryProxy.timesAsked('/graphql'), 3)
    assert.equal((await end(KEY)).status, 200)
    connect.redeploy({ RATE_LIMIT_CALLER_FAILURES: 'off' })
  })

  it('A02: asks and audits only a few times for a user who is not an administrator', async () => {
    const key = await apiKeyOf(GRACE)
    for (const counter of await connect.redis.keys('connect:limit:*')) await connect.redis.del(counter)
    connect.redeploy({ RATE_LIMIT_CALLER_FAILURES: '2/60' })
    const statuses: number[] = []
    for (let tries = 0; tries < 3; tries += 1) statuses.push((await end(key)).status)
    connect.redeploy({ RATE_LIMIT_CALLER_FAILURES: 'off' })
    assert.deepEqual(statuses, [403, 403, 429])
    assert.equal(audit.names().length, 2)
  })

  it('is audited also if it fails halfway: the sessions may have ended', async () => {
    await connect.redis.acl('SETUSER', 'default', '-publish')
    const answer = await end(KEY)
    await connect.redis.acl('SETUSER', 'default', '+publish')
    assertRefused(answer, 'temporarily_unavailable', 503)
    const [action, ...revoked] = audit.names().reverse()
    assert.equal(action, 'AdministratorAction not_confirmed')
    assert.deepEqual([...new Set(revoked)], ['SessionRevoked not_confirmed'])
  })

  it('returns 503 for an API key while the Registry is down, and ends nothing', async () => {
    const key = await apiKeyOf(ADA)
    connect.organisation.registryProxy.isDown = true
    assertRefused(await end(key), 'temporarily_unavailable', 503)
    connect.organisation.registryProxy.isDown = false
    assert.deepEqual(await endedOf(tokens), [false, false])
  })

  it('accepts no API key with ADMIN_PAGE=off, but still the operator’s key', async () => {
    const key = await apiKeyOf(ADA)
    connect.redeploy({ ADMIN_PAGE: 'off' })
    assertRefused(await end(key), 'invalid_client', 401)
    assert.equal((await end(KEY)).status, 200)
    connect.redeploy({ ADMIN_PAGE: 'on' })
  })

  for (const body of [
    '',
    '{',
    '[]',
    {},
    { email: '' },
    { email: ['ada@example.com'] },
    { email: ADA.email, all: true },
  ]) {
    it(`refuses the body ${JSON.stringify(body)}`, async () => {
      assertRefused(await end(KEY, body), 'invalid_request')
      assert.deepEqual(await endedOf(tokens), [false, false])
    })
  }

  it('answers POST with JSON only: a form of another website ends nothing', async () => {
    assert.equal((await connect.get('/connect/admin/api/end-user')).status, 405)
    const form = await connect.post(
      '/connect/admin/api/end-user',
      { email: ADA.email },
      { authorization: `Bearer ${KEY}` },
    )
    assertRefused(form, 'invalid_request')
  })

  it('returns 503 while Redis does not answer', async () => {
    const lonelyValkey = await startValkey()
    const lonely = await startConnect({ valkey: lonelyValkey, settings: SETTINGS })
    await lonelyValkey.kill()
    await until(() => lonely.redis.status !== 'ready', 'the lost connection')
    assertRefused(await end(KEY, { email: ADA.email }, lonely), 'temporarily_unavailable', 503)
  })
})
