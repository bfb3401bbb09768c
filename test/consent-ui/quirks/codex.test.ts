import assert from 'node:assert/strict'
import { encode, json, post } from '../support/answer.ts'
import { TestClient, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { approve, openConsent } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

/** Codex (rmcp). Sources: openai/codex issues 28830 (resource twice), 33403 (none when it refreshes), its registration. */
describe('Codex', () => {
  let client: TestClient
  let resource: string

  const connect = beforeAll(() => startConnect())

  before(async () => {
    resource = `${connect.origin}/mcp/platform/mcp`
    const answer = await connect.register({
      client_name: 'Codex',
      redirect_uris: ['http://127.0.0.1:41211/callback'],
      token_endpoint_auth_method: 'none',
      application_type: 'native',
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'platform offline_access',
    })
    assert.equal(answer.status, 201, answer.text)
    const redirectUri = 'http://127.0.0.1:50505/callback'
    client = new TestClient(connect.origin, { id: String(json(answer).client_id), redirectUri })
  })

  async function code(): Promise<string> {
    const url = client.authorizationUrl({ scope: 'platform offline_access', resource })
    const browser = connect.browser()
    const page = await openConsent(browser, `${url}&resource=${encodeURIComponent(resource)}`)
    return (await approve(browser, page)).searchParams.get('code') ?? ''
  }

  it('may send resource twice at both endpoints, and use its own port', async () => {
    const form = encode({
      grant_type: 'authorization_code',
      client_id: client.id,
      code: await code(),
      redirect_uri: client.redirectUri,
      code_verifier: client.verifier,
      resource,
    })
    const twice = `${form}&resource=${encodeURIComponent(resource)}`
    tokensOf(await post(`${connect.origin}/auth/token`, twice))
  })

  it('can refresh without resource', async () => {
    const first = tokensOf(await client.redeem(await code(), { resource }))
    tokensOf(await client.refresh(first.refresh_token))
  })

  it('gets iss in the response, which its shared callback address needs', async () => {
    const browser = connect.browser()
    const callback = await approve(browser, await openConsent(browser, client.authorizationUrl()))
    assert.equal(callback.searchParams.get('iss'), connect.origin)
    const metadata = json(await connect.get('/.well-known/oauth-authorization-server'))
    assert.equal(metadata.authorization_response_iss_parameter_supported, true)
  })
})
