import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../../deploy/demo/people.ts'
import { startRegistry, type StartedRegistry } from '../support/registry.ts'
import { call, EVERYWHERE_200, EVERYWHERE_401, statusesOf } from './support/call.ts'
import { createKey, graphql } from './support/graphql.ts'

const DAY_SECONDS = 86_400
const REVOKE = `mutation ($id: ID, $secret: String) {
  apiKeyRevoke(id: $id, secret: $secret) { __typename ... on InvalidInput { errors { message } } }
}`

describe("The demo Registry's API keys", () => {
  let registry: StartedRegistry
  let token: string

  beforeEach(async () => {
    registry = await startRegistry()
    token = await registry.tokenOf(ADA)
  })

  async function keysOf(authorization: string, filter = ''): Promise<Record<string, unknown>[]> {
    const query = `{ me { apiKeys${filter} { name status lastUsedAt } } }`
    const { data } = await graphql(registry, authorization, { query })
    return (data as { me: { apiKeys: Record<string, unknown>[] } }).me.apiKeys
  }

  async function revoke(authorization: string, variables: object): Promise<string> {
    const { data } = await graphql(registry, authorization, { query: REVOKE, variables })
    return (data as { apiKeyRevoke: { __typename: string } }).apiKeyRevoke.__typename
  }

  it('are shown with their secret only once', async () => {
    const { secret, apiKey } = await createKey(registry, token, { name: ' my key ', days: 30 })
    assert.match(secret, /^qk_[a-z0-9]{52}$/)
    const { id, ...shown } = apiKey
    assert.match(id, /^[\da-f-]{36}$/)
    assert.deepEqual(shown, {
      name: 'my key',
      fingerprint: `${secret.slice(0, 6)}...${secret.slice(-3)}`,
      createdAt: new Date(registry.clock * 1000).toISOString(),
      expiresAt: new Date((registry.clock + 30 * DAY_SECONDS) * 1000).toISOString(),
      lastUsedAt: null,
      userEmail: ADA.email,
      status: 'ACTIVE',
    })
    const query = '{ me { apiKeys { id name fingerprint } } }'
    assert.ok(!JSON.stringify((await graphql(registry, token, { query })).data).includes(secret))
  })

  it('live for 90 days by default', async () => {
    const { apiKey } = await createKey(registry, token, { name: 'a key' })
    const lifetimeMs = Date.parse(String(apiKey.expiresAt)) - Date.parse(String(apiKey.createdAt))
    assert.equal(lifetimeMs, 90 * DAY_SECONDS * 1000)
  })

  it('need a name and a lifetime from 1 to 365 days', async () => {
    for (const [name, days] of [
      ['', 1],
      ['  ', 1],
      ['a', 0],
      ['a', -1],
      ['a', 366],
    ] as const) {
      assert.equal((await createKey(registry, token, { name, days })).__typename, 'InvalidInput')
    }
    for (const days of [1, 365]) {
      assert.equal((await createKey(registry, token, { name: 'a', days })).__typename, 'APIKeyCreated')
    }
    assert.equal((await keysOf(token)).length, 2)
  })

  it('are accepted wherever a token is, with and without the scheme', async () => {
    const { secret } = await createKey(registry, token, { name: 'a key' })
    for (const authorization of [`Bearer ${secret}`, secret]) {
      assert.deepEqual(await statusesOf(registry, authorization), EVERYWHERE_200)
    }
    const { body } = await call(registry, ['GET', '/api/me'], { authorization: `Bearer ${secret}` })
    assert.equal((body as { email: string }).email, ADA.email)
  })

  it('cannot be refreshed or logged out', async () => {
    const { secret } = await createKey(registry, token, { name: 'a key' })
    for (const path of ['/api/refresh', '/api/logout']) {
      assert.equal((await call(registry, ['POST', path], { authorization: secret })).status, 401)
    }
    assert.deepEqual(await statusesOf(registry, secret), EVERYWHERE_200)
  })

  it('are refused when the Registry did not create them', async () => {
    const { secret } = await createKey(registry, token, { name: 'a key' })
    for (const other of [
      'qk_',
      `${secret}a`,
      secret.slice(0, -1),
      secret.toUpperCase(),
      `QK${secret.slice(2)}`,
    ]) {
      assert.deepEqual(await statusesOf(registry, `Bearer ${other}`), EVERYWHERE_401, other)
    }
  })

  it('are refused from the second in which they expire', async () => {
    const { secret } = await createKey(registry, token, { name: 'a key', days: 1 })
    registry.clock += DAY_SECONDS - 1
    assert.deepEqual(await statusesOf(registry, secret), EVERYWHERE_200)
    registry.clock += 1
    assert.deepEqual(await statusesOf(registry, secret), EVERYWHERE_401)
    assert.equal((await keysOf(await registry.tokenOf(ADA)))[0]?.status, 'EXPIRED')
  })

  it('show when they were last used', async () => {
    const { secret } = await createKey(registry, token, { name: 'a key' })
    registry.clock += 60
    await statusesOf(registry, secret)
    registry.clock += 60
    const used = new Date((registry.clock - 60) * 1000).toISOString()
    assert.equal((await keysOf(token))[0]?.lastUsedAt, used)
  })

  it('are found by name, fingerprint, status and id', async () => {
    const { apiKey } = await createKey(registry, token, { name: 'one', days: 30 })
    await createKey(registry, token, { name: 'two', days: 30 })
    const namesBy = async (filter: string) => (await keysOf(token, filter)).map(({ name }) => name)
    assert.deepEqual(await namesBy('(name: "two")'), ['two'])
    assert.deepEqual(await namesBy(`(fingerprint: "${apiKey.fingerprint}")`), ['one'])
    assert.deepEqual(await namesBy('(status: ACTIVE)'), ['one', 'two'])
    assert.deepEqual(await namesBy('(status: EXPIRED)'), [])
    assert.deepEqual(await namesBy('(name: null)'), ['one', 'two'])
    const query = `{ me { apiKey(id: "${apiKey.id}") { name } none: apiKey(id: "x") { name } } }`
    const { data } = await graphql(registry, token, { query })
    assert.deepEqual(data, { me: { apiKey: { name: 'one' }, none: null } })
  })

  it('are revoked at once, by id or by secret, without affecting others', async () => {
    const keys = [
      await createKey(registry, token, { name: 'one' }),
      await createKey(registry, token, { name: 'two' }),
    ]
    const kept = await createKey(registry, token, { name: 'three' })
    assert.equal(await revoke(token, { id: keys[0]?.apiKey.id }), 'Ok')
    assert.equal(await revoke(token, { secret: keys[1]?.secret }), 'Ok')
    for (const { secret } of keys) assert.deepEqual(await statusesOf(registry, secret), EVERYWHERE_401)
    assert.deepEqual(await statusesOf(registry, kept.secret), EVERYWHERE_200)
    assert.deepEqual(
      (await keysOf(token)).map(({ name }) => name),
      ['three'],
    )
  })

  it('are not revoked by another user or an unknown name', async () => {
    const { secret, apiKey } = await createKey(registry, token, { name: 'a key' })
    const grace = await registry.tokenOf(GRACE)
    for (const named of [{ id: apiKey.id }, { secret }])
      assert.equal(await revoke(grace, named), 'InvalidInput')
    for (const named of [{}, { id: 'x' }, { secret: 'x' }, { id: null }]) {
      assert.equal(await revoke(token, named), 'InvalidInput')
    }
    assert.deepEqual(await statusesOf(registry, secret), EVERYWHERE_200)
    assert.deepEqual(await keysOf(grace), [])
  })
})
