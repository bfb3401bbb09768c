import assert from 'node:assert/strict'
import * as oauth from 'oauth4webapi'
import { startConnect } from '../support/connect.ts'
import { approve, openConsent } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

const REDIRECT_URI = 'http://localhost:33418/callback'
/** Allows plain http, only for localhost. */
const OPTIONS = { [oauth.allowInsecureRequests]: true }

interface Registered {
  readonly server: oauth.AuthorizationServer
  readonly client: oauth.Client
  readonly authentication: oauth.ClientAuth
}

describe('The public oauth4webapi gets through', () => {
  let resource: string

  const connect = beforeAll(() => startConnect())

  before(() => {
    resource = `${connect.origin}/mcp/platform/mcp`
  })

  it('from the protected resource to the revocation, and verifies the access token', async () => {
    const server = await discovered()
    const registered = { server, ...(await publicClient(server)) }
    const tokens = await redeemed(registered)
    const request = new Request(resource, { headers: { authorization: `Bearer ${tokens.access_token}` } })
    const audience = `${connect.origin}/mcp/platform`
    const claims = await oauth.validateJwtAccessToken(server, request, audience, OPTIONS)
    assert.equal(claims.client_id, registered.client.client_id)
    await refreshedAndRevoked(registered, tokens.refresh_token ?? '')
  })

  it('with a key of its own (private_key_jwt)', async () => {
    const server = await discovered()
    const { privateKey, publicKey } = await crypto.subtle.generateKey(
      { name: 'ECDSA', namedCurve: 'P-256' },
      true,
      ['sign', 'verify'],
    )
    const { kty, crv, x, y } = await crypto.subtle.exportKey('jwk', publicKey)
    const keyed = await registered(server, {
      token_endpoint_auth_method: 'private_key_jwt',
      jwks: { keys: [{ kty, crv, x, y, kid: 'key-1', use: 'sig', alg: 'ES256' }] },
    })
    const authentication = oauth.PrivateKeyJwt({ key: privateKey, kid: 'key-1' })
    const tokens = await redeemed({ server, client: keyed, authentication })
    await refreshedAndRevoked({ server, client: keyed, authentication }, tokens.refresh_token ?? '')
  })

  async function discovered(): Promise<oauth.AuthorizationServer> {
    const document = await oauth.resourceDiscoveryRequest(new URL(resource), OPTIONS)
    const { authorization_servers: servers = [] } = await oauth.processResourceDiscoveryResponse(
      new URL(resource),
      document,
    )
    assert.equal(servers.length, 1)
    const issuer = new URL(servers[0] ?? '')
    const metadata = await oauth.discoveryRequest(issuer, { ...OPTIONS, algorithm: 'oauth2' })
    return await oauth.processDiscoveryResponse(issuer, metadata)
  }

  async function publicClient(server: oauth.AuthorizationServer) {
    const client = await registered(server, { token_endpoint_auth_method: 'none' })
    return { client, authentication: oauth.None() }
  }

  async function registered(
    server: oauth.AuthorizationServer,
    metadata: Partial<oauth.OmitSymbolProperties<oauth.Client>>,
  ): Promise<oauth.Client> {
    const response = await oauth.dynamicClientRegistrationRequest(
      server,
      { client_name: 'oauth4webapi', redirect_uris: [REDIRECT_URI], ...metadata },
      OPTIONS,
    )
    return await oauth.processDynamicClientRegistrationResponse(response)
  }

  async function redeemed({
    server,
    client,
    authentication,
  }: Registered): Promise<oauth.TokenEndpointResponse> {
    const [verifier, state] = [oauth.generateRandomCodeVerifier(), oauth.generateRandomState()]
    const url = new URL(server.authorization_endpoint ?? '')
    url.search = new URLSearchParams({
      client_id: client.client_id,
      redirect_uri: REDIRECT_URI,
      response_type: 'code',
      resource,
      code_challenge: await oauth.calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
      state,
    }).toString()
    const browser = connect.browser()
    const callback = await approve(browser, await openConsent(browser, url.href))
    const parameters = oauth.validateAuthResponse(server, client, callback, state)
    const response = await oauth.authorizationCodeGrantRequest(
      server,
      client,
      authentication,
      parameters,
      REDIRECT_URI,
      verifier,
      { ...OPTIONS, additionalParameters: { resource } },
    )
    return await oauth.processAuthorizationCodeResponse(server, client, response)
  }

  async function refreshedAndRevoked(
    { server, client, authentication }: Registered,
    refreshToken: string,
  ): Promise<void> {
    const refresh = await oauth.refreshTokenGrantRequest(
      server,
      client,
      authentication,
      refreshToken,
      OPTIONS,
    )
    const { refresh_token: next = '' } = await oauth.processRefreshTokenResponse(server, client, refresh)
    assert.notEqual(next, refreshToken)
    const revocation = await oauth.revocationRequest(server, client, authentication, next, OPTIONS)
    await oauth.processRevocationResponse(revocation)
    const dead = await oauth.refreshTokenGrantRequest(server, client, authentication, next, OPTIONS)
    await assert.rejects(oauth.processRefreshTokenResponse(server, client, dead), { error: 'invalid_grant' })
  }
})
