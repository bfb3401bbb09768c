import assert from 'node:assert/strict'
import { randomSecret } from '../../../core/keys/hash.ts'
import { assertRefused, tokensOf, TestClient } from '../support/client.ts'
import { confidentialClient, basic } from '../support/confidential-client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('Clients apart from each other', () => {
  const connect = beforeAll(() => startConnect())
  const victim = beforeAll(() => connect.client('http://localhost:1/callback', 'Victim'))
  const attacker = beforeAll(() => connect.client('http://localhost:2/callback', 'Attacker'))

  it('C07: cannot redeem each other’s codes, even with redirect URI and verifier', async () => {
    const code = await codeFor(connect, victim)
    const stolen = { redirect_uri: victim.redirectUri, code_verifier: victim.verifier }
    assertRefused(await attacker.redeem(code, stolen), 'invalid_grant')
    tokensOf(await victim.redeem(code))
  })

  it("C07: cannot refresh each other's sessions, which stay alive", async () => {
    const tokens = await tokensFor(connect, victim)
    assertRefused(await attacker.refresh(tokens.refresh_token), 'invalid_grant')
    tokensOf(await victim.refresh(tokens.refresh_token))
  })

  it("C07: cannot revoke each other's tokens or learn about them", async () => {
    const tokens = await tokensFor(connect, victim)
    for (const token of [tokens.access_token, tokens.refresh_token, randomSecret()]) {
      const answer = await attacker.revoke(token)
      assert.deepEqual([answer.status, answer.text], [200, ''])
    }
    tokensOf(await victim.refresh(tokens.refresh_token))
  })

  it('C07: cannot act for each other with their own secret', async () => {
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

  it('C07: offer no way to read, change or delete a registration', async () => {
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

  it('C07: cannot register under each other’s id', async () => {
    const answer = await connect.register({ client_id: victim.id, redirect_uris: [attacker.redirectUri] })
    const { client_id: id } = JSON.parse(answer.text) as { client_id: string }
    assert.notEqual(id, victim.id)
    const redirectUri = 'http://localhost:2/elsewhere'
    const page = await connect.browser().open(victim.authorizationUrl({ redirect_uri: redirectUri }))
    assert.match(page.text, /Invalid callback address/)
  })

  it('C06: have a session for each computer; connecting one ends no other', async () => {
    const laptop = await tokensFor(connect, victim)
    const phone = await tokensFor(connect, new TestClient(connect.origin, victim))
    await victim.revoke(phone.refresh_token)
    tokensOf(await victim.refresh(laptop.refresh_token))
    assertRefused(await victim.refresh(phone.refresh_token), 'invalid_grant')
  })

  it('C08: get nothing from names of services, clients, sessions and users without an approval', async () => {
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

  it('C08: cannot reach a service that no document names', async () => {
    const code = await codeFor(connect, victim)
    for (const path of ['/mcp/other', '/mcp/platform-other', '/mcp/platform/mcp/hidden', '/']) {
      assertRefused(await victim.redeem(code, { resource: connect.origin + path }), 'invalid_target')
    }
    tokensOf(await victim.redeem(code))
  })
})
