import assert from 'node:assert/strict'
import { decodeJwt } from 'jose'
import { publicKeySet } from '../../../consent-ui/keys/signing-keys.ts'
import { openCredential } from '../../../core/sessions/session.ts'
import { SessionStore } from '../../../core/sessions/session-store.ts'
import { verificationKeys } from '../../../core/tokens/verification-keys.ts'
import { verifyAccessToken } from '../../../core/tokens/verify-access-token.ts'
import type { Service } from '../../../core/services/service.ts'
import { PLATFORM, SERVICES } from '../../support/services.ts'
import type { OperatorKey } from '../../../core/keys/keys.ts'
import { secretOf } from '../../core/support/keys.ts'
import { assertRefused, TestClient, tokensOf, type Tokens } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('Another stack in the same Redis', () => {
  let ours: Connect
  let theirs: Connect
  let client: TestClient
  let code: string
  let tokens: Tokens

  /** Two stacks share keys by mistake, and Redis. */
  for (const [what, sharesKeys] of [
    ['with keys of its own', false],
    ['with our keys by mistake', true],
  ] as const) {
    describe(what, () => {
      before(async () => {
        theirs = await startConnect()
        ours = await startConnect()
        if (sharesKeys) {
          const keys = { sealing: theirs.config.sealingKeys, signing: theirs.config.signingKeys }
          ours.redeploy({
            CONNECT_SEALING_KEYS: asSetting('sealing', keys.sealing.all),
            CONNECT_SIGNING_KEYS: asSetting('signing', keys.signing.all),
          })
        }
        client = await theirs.client()
        code = await codeFor(theirs, client)
        tokens = await tokensFor(theirs, client)
      })

      it('T11: does not know a client of this stack', async () => {
        const here = new TestClient(ours.origin, client)
        assertRefused(await here.redeem(code), 'invalid_client', 401)
        assertRefused(await here.refresh(tokens.refresh_token), 'invalid_client', 401)
        assertRefused(await here.revoke(tokens.refresh_token), 'invalid_client', 401)
        assert.equal((await ours.browser().open(here.authorizationUrl())).status, 400)
      })

      it('T11: refuses codes and refresh tokens of this stack', async () => {
        const here = await ours.client()
        assertRefused(await here.redeem(code), 'invalid_grant')
        assertRefused(await here.refresh(tokens.refresh_token), 'invalid_grant')
        for (const token of [tokens.refresh_token, tokens.access_token]) {
          assert.equal((await here.revoke(token)).status, 200)
        }
        tokensOf(await client.refresh(tokens.refresh_token))
        tokensOf(await client.redeem(code))
      })

      it('T11: refuses access tokens of this stack, and cannot open their sealed credentials', async () => {
        const { keys } = publicKeySet(ours.config.signingKeys)
        const expectation = { issuer: ours.origin, now: ours.now() }
        const keySet = verificationKeys({ keys: [...keys] })
        const verified = verifyAccessToken(tokens.access_token, keySet, expectation)
        assert.ok(!verified.ok)
        const [, sessionId = '', , , share = ''] = tokens.refresh_token.split('.')
        const session = await new SessionStore(ours.redis).find(sessionId)
        assert.ok(session !== undefined)
        assert.ok(openCredential(theirs.config.sealingKeys, session, share) !== undefined)
        assert.equal(openCredential(ours.config.sealingKeys, session, share), undefined)
      })
    })
  }
})

describe('A token for one service', () => {
  const OTHER: Service = {
    ...PLATFORM,
    name: 'other',
    pathPrefix: '/mcp/platform-other',
    paths: ['/mcp/platform-other', '/mcp-other'],
    scopes: ['other'],
    isDefault: false,
  }

  const connect = beforeAll(() => startConnect({ services: [...SERVICES, OTHER] }))
  const client = beforeAll(() => connect.client())

  function audienceFault(token: string, audience: string): string {
    const { keys } = publicKeySet(connect.config.signingKeys)
    const expectation = { issuer: connect.origin, audience: connect.origin + audience, now: connect.now() }
    const verified = verifyAccessToken(token, verificationKeys({ keys: [...keys] }), expectation)
    return verified.ok ? 'none' : verified.fault
  }

  for (const [resource, own, others] of [
    ['/mcp/platform/mcp', '/mcp/platform', ['/mcp/platform-other', '/mcp/plat', '/mcp', '/mcp/platform/mcp']],
    ['/mcp-other', '/mcp/platform-other', ['/mcp/platform', '/mcp', '/mcp-other', '/mcp/platform-other/x']],
  ] as const) {
    it(`T13: for ${resource} is refused at every other path, also at longer ones`, async () => {
      const request = { resource: connect.origin + resource }
      const { access_token: token } = await tokensFor(connect, client, { request })
      assert.equal(audienceFault(token, own), 'none')
      for (const other of others) assert.equal(audienceFault(token, other), 'wrong_audience', other)
    })
  }

  it('T13: is never exchanged for a token of another service', async () => {
    const resource = `${connect.origin}/mcp-other`
    const code = await codeFor(connect, client)
    assertRefused(await client.redeem(code, { resource }), 'invalid_target')
    const tokens = tokensOf(await client.redeem(code))
    assertRefused(await client.refresh(tokens.refresh_token, { resource }), 'invalid_target')
    const refreshed = tokensOf(await client.refresh(tokens.refresh_token, { scope: 'other' }))
    const { aud, scope } = decodeJwt(refreshed.access_token)
    assert.deepEqual([aud, scope], [`${connect.origin}/mcp/platform`, 'platform'])
  })

  it('T13: is not issued for a resource that only begins like a known one', async () => {
    for (const path of [
      '/mcp/platform-othe',
      '/mcp-other2',
      '/mcp/platform-other/x',
      '/mcp-other/../mcp',
      '/mc',
    ]) {
      const page = await connect.browser().open(client.authorizationUrl({ resource: connect.origin + path }))
      assert.equal(new URL(page.url).searchParams.get('error'), 'invalid_target', path)
    }
  })
})

function asSetting(kind: 'sealing' | 'signing', keys: readonly OperatorKey[]): string {
  return JSON.stringify(keys.map(({ id, use, secret }) => ({ id, use, secret: secretOf(kind, secret) })))
}
