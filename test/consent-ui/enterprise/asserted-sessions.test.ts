import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { quiltAddress } from '../../../consent-ui/store/link-store.ts'
import { PersonSessions } from '../../../consent-ui/store/person-sessions.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import { CollectedAudit } from '../../core/audit/support/audit.ts'
import { beforeAll } from '../../support/before-all.ts'
import { openApps, send } from '../apps/support.ts'
import { json, post, type Answer } from '../support/answer.ts'
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
  WRITER,
} from './support.ts'

describe('A session of an identity assertion', () => {
  const audit = new CollectedAudit()
  const connect = beforeAll(() => startEnterprise({ audit }))
  const sessions = (): SessionStore => new SessionStore(connect.redis, connect.rollbacks)

  beforeEach(async () => {
    audit.events.length = 0
    connect.rollbacks.endedUntil = 0
    // An assertion of the second in which a test before revoked access is refused.
    const markers = await connect.redis.keys('connect:taken-back:*')
    if (markers.length > 0) await connect.redis.del(...markers)
  })

  function claimsIn(answer: Answer): Record<string, unknown> {
    assert.equal(answer.status, 200, answer.text)
    return decodeJwt(String(json(answer).access_token))
  }

  async function sessionOf(answer: Answer) {
    return await sessions().find(String(claimsIn(answer).sid))
  }

  it('is read-only unless the operator configured full access for the client', async () => {
    assert.equal((await sessionOf(await presentClaims(connect)))?.access, 'read')
    assert.equal((await sessionOf(await presentClaims(connect, { client_id: WRITER })))?.access, 'full')
  })

  it('is the user’s whom the Registry names, for the resource that the assertion names', async () => {
    const { sub, aud, client_id: client } = claimsIn(await presentClaims(connect))
    assert.deepEqual([sub, aud, client], [ADA.quilt.name, `${connect.origin}/mcp/platform`, READER])
  })

  it('J10: is not opened by an assertion from before the person was offboarded, without a session then', async () => {
    const address = quiltAddress({ registry: connect.organisation.registry.origin, email: ADA.email })
    await new PersonSessions(connect.redis, connect.origin).markRevocation(address)
    assertRefused(await presentClaims(connect), 'invalid_grant')
  })

  it('ends with its access token, also in Redis', async () => {
    const { exp, sid } = claimsIn(await presentClaims(connect))
    const session = await sessions().find(String(sid))
    assert.equal(session?.expiresAt, exp)
    const seconds = await connect.redis.ttl(`connect:{${String(sid)}}:session`)
    assert.ok(seconds > 3590 && seconds <= 3600, String(seconds))
  })

  it('cannot be refreshed, and can be revoked by its client', async () => {
    const answer = await presentClaims(connect)
    const token = String(json(answer).access_token)
    assertRefused(
      await connect.post(
        '/auth/token',
        { grant_type: 'refresh_token', refresh_token: token },
        basic(READER, SECRET),
      ),
      'invalid_grant',
    )
    const revoked = await post(`${connect.origin}/auth/revoke`, { token }, basic(READER, SECRET))
    assert.equal(revoked.status, 200)
    assert.equal(await sessionOf(answer), undefined)
  })

  it('is replaced by the next of the same user, client and resource, and by no other', async () => {
    const first = await presentClaims(connect)
    const others = [
      await presentClaims(connect, { client_id: WRITER }),
      await presentClaims(connect, {}, { person: GRACE }),
    ]
    const second = await presentClaims(connect)
    assert.equal(await sessionOf(first), undefined)
    for (const answer of [...others, second]) assert.ok((await sessionOf(answer)) !== undefined)
    assert.ok(audit.names().some((name) => name.startsWith('SessionEnded')))
  })

  it('leaves one of several that are opened at the same time', async () => {
    const answers = await Promise.all([1, 2, 3, 4].map(() => presentClaims(connect)))
    const found = await Promise.all(answers.map(sessionOf))
    assert.equal(found.filter((session) => session !== undefined).length, 1)
  })

  it('does not end the session of another user, whatever Redis says was the one before', async () => {
    const graces = await presentClaims(connect, {}, { person: GRACE })
    for (const key of await connect.redis.keys('connect:asserted:*')) {
      await connect.redis.set(key, String(claimsIn(graces).sid), 'KEEPTTL')
    }
    await presentClaims(connect)
    assert.ok((await sessionOf(graces)) !== undefined)
  })

  it('does not end a session that the user approved for the same client', async () => {
    const client = await connect.client('https://claude.ai/api/mcp/auth_callback')
    const approved = decodeJwt((await tokensFor(connect, client)).access_token)
    await presentClaims(connect)
    assert.ok((await sessions().find(String(approved.sid))) !== undefined)
  })

  it('is in the lists of its user and of the operator, which do not grow with each assertion, and ends there', async () => {
    await presentClaims(connect)
    const before = await listed()
    for (let count = 0; count < 3; count += 1) await presentClaims(connect)
    assert.equal(await listed(), before)
    const answer = await presentClaims(connect)
    const at = await openApps(connect)
    assert.match(at.page.text, new RegExp(`Assistant ${READER}`))
    assert.match(at.page.text, /Your organization connected this application for you/)
    await send(at, { revoke_all: 'yes' })
    assert.equal(await sessionOf(answer), undefined)
  })

  async function listed(): Promise<number> {
    const keys = await connect.redis.keys('connect:sessions*')
    const sizes = await Promise.all(keys.map((key) => connect.redis.zcard(key)))
    return sizes.reduce((sum, size) => sum + size, 0)
  }

  it('J10: is not opened by an assertion from before the user revoked access', async () => {
    const assertion = await signed(connect, claimsOf(connect, { iat: connect.now() - 30 }))
    await presentClaims(connect)
    await send(await openApps(connect), { revoke_all: 'yes' })
    const refused = await present(connect, assertion)
    assertRefused(refused, 'invalid_grant')
    await connect.organisation.registryProxy.loggedOut(connect.organisation.registryProxy.lastCredential)
    const later = await signed(connect, claimsOf(connect, { iat: connect.now() + 30 }))
    assert.equal((await present(connect, later)).status, 200)
  })

  it('J04: is not opened by an assertion that Redis may have forgotten', async () => {
    connect.rollbacks.endedUntil = connect.now() - 10
    assertRefused(await presentClaims(connect), 'invalid_grant')
    connect.rollbacks.endedUntil = connect.now() - 61
    assert.equal((await presentClaims(connect)).status, 200)
  })

  it('J08: is refused for a blocked client, by id or by the host of its redirect URI', async () => {
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: 'claude.ai' })
    assertRefused(await presentClaims(connect), 'unauthorized_client')
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: '' })
  })

  it('J08: is answered with 503 while its service or everything is stopped, and does not use up the assertion', async () => {
    const assertion = await signed(connect, claimsOf(connect))
    for (const stopped of ['platform', 'all']) {
      connect.redeploy({ CONNECT_STOP: stopped })
      assert.equal((await present(connect, assertion)).status, 503)
    }
    connect.redeploy({ CONNECT_STOP: '' })
    assert.equal((await present(connect, assertion)).status, 200)
  })

  for (const path of ['/api/token-exchange', '/api/me']) {
    it(`J09: is 503 while the Registry does not answer at ${path}, and the assertion counts afterwards`, async () => {
      const { registryProxy } = connect.organisation
      const assertion = await signed(connect, claimsOf(connect))
      registryProxy.shut.add(path)
      const answer = await present(connect, assertion)
      assert.equal(answer.status, 503)
      assert.ok(answer.headers.has('retry-after'))
      registryProxy.shut.clear()
      assert.equal((await present(connect, assertion)).status, 200)
    })
  }

  it('has its Quilt credential from the exchange of the assertion, and nothing renews it', async () => {
    const { registryProxy } = connect.organisation
    registryProxy.forget()
    const { sid } = claimsIn(await presentClaims(connect))
    assert.deepEqual(
      registryProxy.asked.filter((path) => path !== '/api/logout'),
      ['/api/token-exchange', '/api/me'],
    )
    assert.equal((await sessions().findWhole(String(sid)))?.sealedRenewal, undefined)
  })

  it('logs its Quilt credential out when it is over', async () => {
    const { registryProxy } = connect.organisation
    const answer = await presentClaims(connect)
    const credential = registryProxy.lastCredential
    await sessions().end(String(claimsIn(answer).sid), 'test')
    await connect.passTime(3700)
    await registryProxy.loggedOut(credential)
  })

  it('is in the audit log: who signed in, by what, for which client', async () => {
    const other = await startEnterprise({ audit })
    audit.events.length = 0
    await presentClaims(other)
    assert.deepEqual(audit.names(), ['SignIn', 'SessionOpened'])
    for (const event of audit.events) {
      assert.equal(event.additionalEventData.by, 'client')
      assert.equal(event.additionalEventData.how, 'identity assertion')
      assert.equal(event.requestParameters.clientName, `Assistant ${READER}`)
    }
    await presentClaims(other, { email: 'ADA@example.com' })
    assert.equal(audit.names().at(-1), 'SignIn another_email')
  })
})
