import assert from 'node:assert/strict'
import { randomSecret } from '../../../core/keys/hash.ts'
import { assertRefused, tokensOf, TestClient } from '../support/client.ts'
import { confidentialClient, basic } from '../support/confidential-client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('One client and another', () => {
  const connect = beforeAll(() => startConnect())
  const victim = beforeAll(() => connect.client('http://localhost:1/callback', 'Victim'))
  const attacker = beforeAll(() => connect.client('http://localhost:2/callback', 'Attacker'))

  it('C07: no client redeems the code of another, not even with its redirect URI and verifier', async () => {
    const code = await codeFor(connect, victim)
    const stolen = { redirect_uri: victim.redirectUri, code_verifier: victim.verifier }
    assertRefused(await attacker.redeem(code, stolen), 'invalid_grant')
    tokensOf(await victim.redeem(code))
  })

  it("C07: no client refreshes another's session, which goes on", async () => {
    const tokens = await tokensFor(connect, victim)
    assertRefused(await attacker.refresh(tokens.refresh_token), 'invalid_grant')
    tokensOf(await victim.refresh(tokens.refresh_token))
  })

  it("C07: no client revokes another's tokens, and is told nothing of them", async () => {
    const tokens = await tokensFor(connect, victim)
    for (const token of [tokens.access_token, tokens.refresh_token, randomSecret()]) {
      const answer = await attacker.revoke(token)
      assert.deepEqual([answer.status, answer.text], [200, ''])
    }
    tokensOf(await victim.refresh(tokens.refresh_token))
  })

  it('C07: no confidential client acts for another with its own secret', async () => {
    const [one, other] = [
      await confidentialClient(connect, 'client_secret_basic'),
      await confidentialClient(connect, 'client_secret_basic'),
    ]
    const form = { grant_type: 'refresh_token', refresh_token: 'x', client_id: one.id }
    assertRefused(await connect.post('/auth/token', form, basic(one.id, other.secret)), 'invalid_client', 401)
    assertRefused(
      await connect.post('/auth/token', form, basic(other.id, other.secret)),
      'invalid_client',
      401,
    )
  })

  it('C07: a registration can be neither read nor changed nor deleted, by whomever', async () => {
    for (const method of ['GET', 'PUT', 'PATCH', 'DELETE']) {
      for (const path of [`/auth/register/${victim.id}`, `/register/${victim.id}`]) {
        const response = await fetch(connect.origin + path, { method })
        assert.equal(response.status, 404)
        assert.ok(!(await response.text()).includes(victim.redirectUri))
      }
      const response = await fetch(`${connect.origin}/auth/register?client_id=${victim.id}`, { method })
      assert.equal(response.status, 405)
      await response.body?.cancel()
    }
  })

  it('C07: a registration names no other client’s id: what it gets is its own', async () => {
    const answer = await connect.register({ client_id: victim.id, redirect_uris: [attacker.redirectUri] })
    const { client_id: id } = JSON.parse(answer.text) as { client_id: string }
    assert.notEqual(id, victim.id)
    const redirectUri = 'http://localhost:2/elsewhere'
    const page = await connect.browser().open(victim.authorizationUrl({ redirect_uri: redirectUri }))
    assert.match(page.text, /Invalid callback address/)
  })

  it('C06: the same application on another computer has a session of its own: connecting there ends none here', async () => {
    const laptop = await tokensFor(connect, victim)
    const phone = await tokensFor(connect, new TestClient(connect.origin, victim))
    await victim.revoke(phone.refresh_token)
    tokensOf(await victim.refresh(laptop.refresh_token))
    assertRefused(await victim.refresh(phone.refresh_token), 'invalid_grant')
  })

  it('C08: to know a service, a client, a session and a person by name opens nothing without an approval', async () => {
    const { access_token: accessToken, refresh_token: refreshToken } = await tokensFor(connect, victim)
    const [, sessionId = '', generation = ''] = refreshToken.split('.')
    const claims = JSON.parse(
      Buffer.from(accessToken.split('.')[1] ?? '', 'base64url').toString('utf8'),
    ) as Record<string, string>
    assert.equal(claims.sid, sessionId)
    const resource = { resource: `${connect.origin}/mcp/platform/mcp` }
    const guess = randomSecret()
    for (const token of [sessionId, `qcr1.${sessionId}.${generation}.${guess}.${claims.k ?? ''}`]) {
      assertRefused(await victim.refresh(token, resource), 'invalid_grant')
    }
    for (const code of [sessionId, `${sessionId}.${guess}`]) {
      assertRefused(await victim.redeem(code, resource), 'invalid_grant')
    }
    for (const grantType of ['client_credentials', 'password']) {
      const form = { grant_type: grantType, username: 'ada', password: 'x', ...resource }
      assertRefused(await victim.token(form), 'unsupported_grant_type')
    }
    const page = await connect.browser().open(`${connect.origin}/connect/authorize/${guess}`)
    assert.equal(page.status, 400)
  })

  it('C08: a service that no document names is not there for who knows its path', async () => {
    const code = await codeFor(connect, victim)
    for (const path of ['/mcp/other', '/mcp/platform-other', '/mcp/platform/mcp/hidden', '/']) {
      assertRefused(await victim.redeem(code, { resource: connect.origin + path }), 'invalid_target')
    }
    tokensOf(await victim.redeem(code))
  })
})
