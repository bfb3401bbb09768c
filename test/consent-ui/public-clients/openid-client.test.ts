import assert from 'node:assert/strict'
import * as client from 'openid-client'
import { startConnect } from '../support/connect.ts'
import { approve, openConsent } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

const REDIRECT_URI = 'http://localhost:33418/callback'
/** Allows plain http, only for localhost. */
const OPTIONS = { execute: [client.allowInsecureRequests] }

type AuthenticationMethod = 'none' | 'client_secret_basic' | 'client_secret_post'

const AUTHENTICATIONS: Readonly<Record<AuthenticationMethod, client.ClientAuth>> = {
  none: client.None(),
  client_secret_basic: (...call) => client.ClientSecretBasic(String(call[1].client_secret))(...call),
  client_secret_post: (...call) => client.ClientSecretPost(String(call[1].client_secret))(...call),
}

describe('The public openid-client gets through', () => {
  const connect = beforeAll(() => startConnect())

  for (const algorithm of ['oauth2', 'oidc'] as const) {
    for (const method of Object.keys(AUTHENTICATIONS) as AuthenticationMethod[]) {
      it(`by ${algorithm} discovery, with ${method}: from its registration to the revocation`, async () => {
        const config = await client.dynamicClientRegistration(
          new URL(connect.origin),
          { client_name: 'openid-client', redirect_uris: [REDIRECT_URI], token_endpoint_auth_method: method },
          AUTHENTICATIONS[method],
          { ...OPTIONS, algorithm },
        )
        assert.equal(config.serverMetadata().issuer, connect.origin)
        const tokens = await authorized(config)
        assert.equal(tokens.expires_in, 3600)
        assert.equal(tokens.scope, 'platform')
        const refreshed = await client.refreshTokenGrant(config, tokens.refresh_token ?? '')
        assert.notEqual(refreshed.access_token, tokens.access_token)
        assert.notEqual(refreshed.refresh_token, tokens.refresh_token)
        await client.tokenRevocation(config, refreshed.refresh_token ?? '')
        await assert.rejects(
          client.refreshTokenGrant(config, refreshed.refresh_token ?? ''),
          (error) => error instanceof client.ResponseBodyError && error.error === 'invalid_grant',
        )
      })
    }
  }

  it('and would refuse an answer of another issuer', async () => {
    const metadata = {
      client_name: 'openid-client',
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: 'none',
    }
    const config = await client.dynamicClientRegistration(
      new URL(connect.origin),
      metadata,
      client.None(),
      OPTIONS,
    )
    await assert.rejects(
      authorized(config, (callback) => callback.searchParams.set('iss', 'https://evil.example')),
      (error) => error instanceof client.ClientError && error.code === 'OAUTH_INVALID_RESPONSE',
    )
  })

  async function authorized(
    config: client.Configuration,
    alter: (callback: URL) => void = () => undefined,
  ): Promise<client.TokenEndpointResponse> {
    const [pkceCodeVerifier, expectedState] = [client.randomPKCECodeVerifier(), client.randomState()]
    const url = client.buildAuthorizationUrl(config, {
      redirect_uri: REDIRECT_URI,
      scope: 'platform',
      resource: `${connect.origin}/mcp/platform/mcp`,
      code_challenge: await client.calculatePKCECodeChallenge(pkceCodeVerifier),
      code_challenge_method: 'S256',
      state: expectedState,
    })
    const browser = connect.browser()
    const callback = await approve(browser, await openConsent(browser, url.href))
    alter(callback)
    return await client.authorizationCodeGrant(config, callback, { pkceCodeVerifier, expectedState })
  }
})
