import assert from 'node:assert/strict'
import { fingerprintOf } from '../../core/clients/blocked-clients.ts'
import { ControlStore } from '../../core/controls/control-store.ts'
import { SessionIndex } from '../../core/sessions/session-index.ts'
import { beforeAll } from '../support/before-all.ts'
import { startValkey } from '../support/store/valkey.ts'
import { assertRefused, type TestClient, type Tokens } from './support/client.ts'
import { startConnect } from './support/connect.ts'
import { codeFor, openConsent, tokensFor } from './support/person.ts'

const SET = { by: 'ada', at: 1_795_500_000, change: 'a change' }

describe('consent-ui, when an operator blocks or stops in Redis', () => {
  let client: TestClient
  let tokens: Tokens
  let controls: ControlStore

  const valkey = beforeAll(() => startValkey())
  const connect = beforeAll(() => startConnect({ valkey }))

  beforeEach(async () => {
    controls = new ControlStore(connect.redis, connect.origin)
    await connect.redis.flushall()
    connect.redeploy()
    client = await connect.client()
    tokens = await tokensFor(connect, client)
  })

  it('refuses the authorizations and tokens of a blocked client, and registers others', async () => {
    const code = await codeFor(connect, client)
    await controls.blockClient(fingerprintOf(client.id), SET)
    await connect.controls.refresh()
    for (const answer of [await client.redeem(code), await client.refresh(tokens.refresh_token)]) {
      assertRefused(answer, 'unauthorized_client')
    }
    const page = await connect.browser().open(client.authorizationUrl())
    assert.equal(page.status, 403)
    const other = await connect.client('https://claude.ai/api/mcp/auth_callback', 'Claude')
    assert.equal((await openConsent(connect.browser(), other.authorizationUrl())).status, 200)
    await controls.unblockClient(fingerprintOf(client.id), SET)
    await connect.controls.refresh()
    assert.equal((await client.redeem(code)).status, 200)
  })

  it('lets a blocked client revoke its own tokens only, so that no session lives on after the unblock', async () => {
    const other = await connect.client('https://claude.ai/api/mcp/auth_callback', 'Claude')
    const others = await tokensFor(connect, other)
    await controls.blockClient(fingerprintOf(client.id), SET)
    await connect.controls.refresh()
    assert.equal((await client.revoke(others.refresh_token)).status, 200)
    assert.equal((await other.refresh(others.refresh_token)).status, 200)
    assert.equal((await client.revoke(tokens.refresh_token)).status, 200)
    await controls.unblockClient(fingerprintOf(client.id), SET)
    await connect.controls.refresh()
    assertRefused(await client.refresh(tokens.refresh_token), 'invalid_grant')
  })

  it('refuses new approvals for a stopped service, and everything but ending while all is stopped', async () => {
    await controls.stop('platform', SET)
    await connect.controls.refresh()
    const page = await connect.browser().open(client.authorizationUrl())
    assert.match(page.text, /The operator has stopped Quilt Platform MCP Server for now/)
    assert.equal((await client.refresh(tokens.refresh_token)).status, 200)
    await controls.stop('all', SET)
    await connect.controls.refresh()
    assertRefused(await client.refresh(tokens.refresh_token), 'temporarily_unavailable', 503)
    assertRefused(
      await connect.register({ redirect_uris: ['http://localhost/cb'] }),
      'temporarily_unavailable',
      503,
    )
    assert.equal((await client.revoke(tokens.refresh_token)).status, 200)
  })

  it('M05: answers 503 while a new process cannot read them, and still registers and revokes', async () => {
    await controls.stop('platform', SET)
    const [key = ''] = await connect.redis.keys('connect:controls:*')
    await connect.redis.hset(key, 'record', 'no json')
    connect.redeploy()
    assertRefused(await client.refresh(tokens.refresh_token), 'temporarily_unavailable', 503)
    assert.equal((await connect.browser().open(client.authorizationUrl())).status, 503)
    assert.equal((await connect.register({ redirect_uris: ['http://localhost/cb'] })).status, 201)
    assert.equal((await client.revoke(tokens.refresh_token)).status, 200)
  })

  it('enters each session in the index of all, again at a refresh', async () => {
    const index = new SessionIndex(connect.redis, connect.origin)
    const [entry, ...others] = (await index.page({ limit: 10 })).entries
    assert.ok(entry !== undefined)
    assert.deepEqual(others, [])
    assert.equal(await connect.redis.exists(`connect:{${entry.id}}:session`), 1)
    await connect.redis.del(await connect.redis.keys('connect:sessions:*'))
    assert.equal((await client.refresh(tokens.refresh_token)).status, 200)
    assert.deepEqual((await index.page({ limit: 10 })).entries, [entry])
  })
})
