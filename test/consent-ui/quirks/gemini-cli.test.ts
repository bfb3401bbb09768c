import assert from 'node:assert/strict'
import { hash } from 'node:crypto'
import { FILES, PLATFORM } from '../../support/services.ts'
import { encode, json } from '../support/answer.ts'
import { tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { approve, openConsent } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

const REDIRECT_URI = 'http://localhost:35595/oauth/callback'
const VERIFIER = '5HD4-O5zAgoOAdLIpPnebap6b1CqF42wlvlP2i-rwuWwdT1IAIptyXvm9zr73BGNNtz0Udk-pllLQ4H-cP34Zg'
const HEADERS = {
  accept: 'application/json, application/x-www-form-urlencoded',
  'content-type': 'application/x-www-form-urlencoded',
}

/** The requests of Gemini CLI 0.61.0's own OAuth code, recorded in November 2026; only the issued values differ. */
describe('Gemini CLI', () => {
  let resource: string

  const connect = beforeAll(() => startConnect({ services: [PLATFORM, FILES] }))

  before(() => {
    resource = `${connect.origin}/mcp/platform/mcp`
  })

  it('connects and refreshes with every scope of the metadata, and gets the granted scope', async () => {
    const { scopes_supported: scopes } = json(await connect.get('/.well-known/oauth-authorization-server'))
    const scope = (scopes as string[]).join(' ')
    assert.equal(scope, 'platform files offline_access')
    const registered = await connect.register({
      client_name: 'Gemini CLI MCP Client',
      redirect_uris: [REDIRECT_URI],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      token_endpoint_auth_method: 'none',
      scope,
    })
    assert.equal(registered.status, 201)
    const clientId = String(json(registered).client_id)

    const query = encode({
      client_id: clientId,
      response_type: 'code',
      redirect_uri: REDIRECT_URI,
      state: '9q-MHtNgSVF03iOasTz-ug',
      code_challenge: hash('sha256', VERIFIER, 'base64url'),
      code_challenge_method: 'S256',
      scope,
      resource,
    })
    const browser = connect.browser()
    const consent = await openConsent(browser, `${connect.origin}/connect/authorize?${query}`)
    const { searchParams } = await approve(browser, consent)
    // It compares the issuer with the one that it discovered.
    assert.equal(searchParams.get('iss'), connect.origin)

    const redeemed = await connect.post(
      '/auth/token',
      {
        grant_type: 'authorization_code',
        code: searchParams.get('code') ?? '',
        redirect_uri: REDIRECT_URI,
        code_verifier: VERIFIER,
        client_id: clientId,
        resource,
      },
      HEADERS,
    )
    assert.equal(json(redeemed).scope, 'platform offline_access')

    const refresh = { grant_type: 'refresh_token', client_id: clientId, resource }
    let { refresh_token: token } = tokensOf(redeemed)
    // It sends a scope only if its user configured one.
    for (const configured of [{}, { scope }, { scope: 'openid profile email' }]) {
      const form = { ...refresh, ...configured, refresh_token: token }
      const refreshed = await connect.post('/auth/token', form, HEADERS)
      assert.equal(json(refreshed).scope, 'platform offline_access')
      token = tokensOf(refreshed).refresh_token
    }
  })
})
