import assert from 'node:assert/strict'
import { ADA, GRACE } from '../../../deploy/demo/people.ts'
import type { Page } from '../../support/http-browser.ts'
import type { TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { ScriptedIdentityProvider } from '../support/scripted-identity-provider.ts'

describe('An identity provider', () => {
  let provider: ScriptedIdentityProvider
  let connect: Connect
  let client: TestClient

  beforeEach(async () => {
    provider = new ScriptedIdentityProvider()
    connect = await startConnect({ identityProvider: (issuer, uri) => provider.listener(issuer, uri) })
    client = await connect.client()
  })

  describe('that sends its claims only at UserInfo', () => {
    async function signIn(userInfo: Readonly<Record<string, unknown>>, claims = {}): Promise<Page> {
      provider.claims = { email: undefined, email_verified: undefined, ...claims }
      provider.userInfo = userInfo
      return await connect.browser().open(client.authorizationUrl())
    }

    for (const verified of [true, 'true']) {
      it(`signs a user in with email_verified ${String(verified)}`, async () => {
        const page = await signIn({ sub: ADA.sub, email: ADA.email, email_verified: verified })
        assert.equal(page.status, 200, page.text)
        assert.ok(page.text.includes(ADA.email))
        assert.deepEqual(provider.userInfoAsked, ['Bearer at'])
      })
    }

    it('signs a user in when the ID token has the address and UserInfo its verification', async () => {
      const page = await signIn(
        { sub: ADA.sub, email: ADA.email, email_verified: true },
        { email: ADA.email },
      )
      assert.equal(page.status, 200, page.text)
    })

    for (const [what, userInfo, claims] of [
      ['for another subject', { sub: GRACE.sub, email: ADA.email, email_verified: true }, {}],
      ['without a subject', { email: ADA.email, email_verified: true }, {}],
      ['without an address', { sub: ADA.sub, email_verified: true }, {}],
      ['with an address that is not verified', { sub: ADA.sub, email: ADA.email, email_verified: false }, {}],
      ['without email_verified', { sub: ADA.sub, email: ADA.email }, {}],
      [
        'that verifies another address than the ID token’s',
        { sub: ADA.sub, email: GRACE.email, email_verified: true },
        { email: ADA.email },
      ],
      [
        'that verifies what the ID token calls unverified',
        { sub: ADA.sub, email: ADA.email, email_verified: true },
        { email_verified: false },
      ],
      [
        'whose address only the ID token calls verified',
        { sub: ADA.sub, email: ADA.email },
        { email_verified: true },
      ],
    ] as const) {
      it(`signs no user in with an answer ${what}`, async () => {
        assert.equal((await signIn(userInfo, claims)).status, 403)
      })
    }

    it('is not asked for UserInfo when the ID token has every claim', async () => {
      provider.userInfo = { sub: ADA.sub, email: ADA.email, email_verified: false }
      assert.equal((await connect.browser().open(client.authorizationUrl())).status, 200)
      assert.deepEqual(provider.userInfoAsked, [])
    })

    it('counts as unavailable when UserInfo refuses its own access token', async () => {
      provider.odd = { '/userinfo': { status: 401, body: '{"error":"invalid_token"}' } }
      assert.equal((await signIn({ sub: ADA.sub })).status, 503)
    })
  })
})
