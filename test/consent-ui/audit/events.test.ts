import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { fingerprintOf } from '../../../core/clients/blocked-clients.ts'
import { sha256 } from '../../../core/keys/hash.ts'
import { openCredential } from '../../../core/sessions/session.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { ADA } from '../../../deploy/demo/people.ts'
import { CollectedAudit } from '../../core/audit/support/audit.ts'
import { beforeAll } from '../../support/before-all.ts'
import { openApps, send, tagsOf } from '../apps/support.ts'
import { tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { cancel, codeFor, openConsent, tokensFor } from '../support/person.ts'

const AFTER_THE_GRACE_SECONDS = 125

describe('The audit log of consent-ui', () => {
  const audit = new CollectedAudit()
  const connect = beforeAll(() => startConnect({ audit }))
  const client = beforeAll(async () => (await connect.client()).from('192.0.2.17'))

  beforeEach(() => {
    audit.events.length = 0
    audit.hasRoom = true
  })

  it('has a registration with the fingerprint by which the operator can block the client', async () => {
    const registered = await connect.client('http://localhost:33418/callback', 'Another')
    assert.deepEqual(audit.names(), ['ClientRegistered'])
    const { requestParameters, entity, additionalEventData } = audit.last()
    assert.equal(requestParameters.client, fingerprintOf(registered.id))
    assert.deepEqual(entity, { name: 'Another', type: 'OAuth client' })
    assert.deepEqual(additionalEventData.redirectUris, ['http://localhost:33418/callback'])
  })

  it('has sign-in, consent, session and refresh, and names user, client, access and address', async () => {
    const tokens = tokensOf(await client.redeem(await codeFor(connect, client)))
    await client.refresh(tokens.refresh_token)
    assert.deepEqual(audit.names(), ['SignIn', 'ConsentGiven', 'SessionOpened', 'SessionRefreshed'])
    const [signIn, consent, opened, refreshed] = audit.events
    const session = sha256(String(decodeJwt(tokens.access_token).sid))
    assert.equal(signIn?.userIdentity?.email, ADA.email)
    assert.deepEqual(
      [consent, opened, refreshed].map((event) => event?.requestParameters.session),
      [session, session, session],
    )
    assert.deepEqual(consent?.additionalEventData.isAsked, true)
    assert.deepEqual(opened?.privileges, ['full'])
    assert.equal(opened.sourceIPAddress, '192.0.2.17')
    assert.equal(opened.userIdentity?.email, ADA.email)
  })

  it('has a refused consent', async () => {
    const browser = connect.browser()
    await cancel(browser, await openConsent(browser, client.authorizationUrl()))
    assert.deepEqual(audit.names(), ['SignIn', 'ConsentRefused cancelled'])
    assert.equal(audit.last().userIdentity?.email, ADA.email)
  })

  it('says who revoked a session: its client or its user', async () => {
    const tokens = await tokensFor(connect, client)
    await client.revoke(tokens.refresh_token)
    assert.deepEqual(
      [audit.names().at(-1), audit.last().additionalEventData.by],
      ['SessionRevoked', 'client'],
    )
    await tokensFor(connect, client)
    await send(await openApps(connect), { revoke_all: 'yes' })
    assert.deepEqual([audit.names().at(-1), audit.last().additionalEventData.by], ['SessionRevoked', 'user'])
  })

  it('has a session that its user downgraded', async () => {
    await tokensFor(connect, client)
    const at = await openApps(connect)
    await send(at, { narrow: tagsOf(at, 'narrow')[0] ?? '' })
    assert.equal(audit.names().at(-1), 'SessionDowngraded')
    await send(at, { revoke_all: 'yes' })
  })

  it('has a replayed code and a replayed refresh token', async () => {
    const code = await codeFor(connect, client)
    const { refresh_token: first } = tokensOf(await client.redeem(code))
    const { refresh_token: second } = tokensOf(await client.refresh(first))
    await client.refresh(second)
    await connect.passTime(AFTER_THE_GRACE_SECONDS)
    audit.events.length = 0
    await client.from('198.51.100.4').refresh(first)
    assert.deepEqual(audit.names(), ['TokenReplayed stolen_refresh_token'])
    assert.equal(audit.last().sourceIPAddress, '198.51.100.4')
    const again = await codeFor(connect, client)
    await client.redeem(again)
    connect.skipOwnClock(11)
    await client.redeem(again)
    assert.equal(audit.names().at(-1), 'TokenReplayed code')
  })

  it('has each refusal of a blocked client', async () => {
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: fingerprintOf(client.id) })
    const { pathname, search } = new URL(client.authorizationUrl())
    await connect.get(`${pathname}${search}`)
    assert.deepEqual(audit.names(), ['RequestRefused client_blocked'])
    assert.equal(audit.last().requestParameters.client, fingerprintOf(client.id))
    connect.redeploy({ CONNECT_BLOCKED_CLIENTS: '' })
  })

  it('is required by what causes events, but not by a revocation', async () => {
    const tokens = await tokensFor(connect, client)
    audit.hasRoom = false
    const refused = await client.refresh(tokens.refresh_token)
    assert.deepEqual([refused.status, refused.headers.get('retry-after') !== null], [503, true])
    assert.equal((await connect.register({ redirect_uris: ['http://localhost/cb'] })).status, 503)
    assert.equal((await connect.get('/.well-known/oauth-authorization-server')).status, 200)
    assert.equal((await client.revoke(tokens.refresh_token)).status, 200)
    assert.equal(audit.names().at(-1), 'SessionRevoked')
  })

  it('A03: holds no token, code, share, credential or session id', async () => {
    const code = await codeFor(connect, client)
    const tokens = tokensOf(await client.redeem(code))
    const claims = decodeJwt(tokens.access_token)
    const session = await new SessionStore(connect.redis).find(String(claims.sid))
    assert.ok(session !== undefined)
    const credential = openCredential(connect.config.sealingKeys, session, String(claims.k))
    await client.refresh(`${tokens.refresh_token}x`)
    await client.redeem(code)
    await client.revoke(tokens.access_token)
    const secrets = [
      code,
      code.split('.')[1] ?? '',
      tokens.access_token,
      tokens.refresh_token,
      tokens.refresh_token.split('.')[3] ?? '',
      String(claims.k),
      String(claims.sid),
      credential?.token ?? '',
      client.verifier,
    ]
    for (const secret of secrets) {
      assert.ok(secret.length >= 20)
      assert.ok(!audit.text().includes(secret))
    }
  })
})
