import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { ADA } from '../../../deploy/demo/people.ts'
import { encode, json, post } from '../support/answer.ts'
import { tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { approve, codeFor, openConsent } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

const FORM = 'application/x-www-form-urlencoded'

describe('MCP SDKs', () => {
  const connect = beforeAll(() => startConnect())
  const client = beforeAll(() => connect.client())

  // Source: TypeScript SDK, client/auth: `offline_access` adds prompt=consent.
  it('TypeScript: prompt=consent with offline_access shows the consent page and keeps the user signed in', async () => {
    const browser = connect.browser()
    await openConsent(browser, client.authorizationUrl())
    const changes = { scope: 'platform offline_access', prompt: 'consent' }
    const page = await browser.open(client.authorizationUrl(changes))
    assert.ok(page.text.includes(ADA.email), page.text)
    const code = (await approve(browser, page)).searchParams.get('code') ?? ''
    assert.equal(json(await client.redeem(code)).scope, 'platform offline_access')
  })

  // Source: TypeScript SDK 1.x refreshes without resource; QuiltSync and Databricks never send it.
  it('without resource: token requests get tokens for the granted resource', async () => {
    const resource = `${connect.origin}/mcp/platform/mcp`
    const code = await codeFor(connect, client, { request: { resource } })
    const first = tokensOf(await client.redeem(code))
    tokensOf(await client.refresh(first.refresh_token))
    tokensOf(await client.refresh(first.refresh_token, { resource }))
  })

  // Source: measured: httpx of the Python SDK 2.3 sends neither Accept nor User-Agent.
  it('Python: requests without Accept and User-Agent get JSON', async () => {
    const metadata = await bare('GET', '/.well-known/oauth-authorization-server')
    assert.match(metadata, /^200 application\/json/)
    const body = JSON.stringify({ redirect_uris: ['http://localhost:3000/callback'], client_name: 'mcp' })
    const registered = await bare('POST', '/auth/register', ['application/json', body])
    assert.match(registered, /^201 application\/json/)
    assert.match(registered, /"token_endpoint_auth_method":"none"/)
    const form = encode({
      grant_type: 'authorization_code',
      client_id: client.id,
      code: await codeFor(connect, client),
      redirect_uri: client.redirectUri,
      code_verifier: client.verifier,
    })
    assert.match(
      await bare('POST', '/auth/token', [FORM, form]),
      /^200 application\/json.*"token_type":"Bearer"/s,
    )
  })

  // Source: measured: Node's fetch sets Sec-Fetch-Mode and no Origin, and is not a cross-site form.
  for (const mode of ['cors', 'navigate', 'no-cors']) {
    it(`Node: Sec-Fetch-Mode ${mode} without Origin is accepted at the token, registration and revocation endpoints`, async () => {
      const headers = { 'sec-fetch-mode': mode, 'sec-fetch-site': 'cross-site' }
      const metadata = JSON.stringify({ redirect_uris: [client.redirectUri] })
      const registered = await post(`${connect.origin}/auth/register`, metadata, {
        ...headers,
        'content-type': 'application/json',
      })
      assert.equal(registered.status, 201, registered.text)
      const form = {
        grant_type: 'authorization_code',
        client_id: client.id,
        code: await codeFor(connect, client),
        redirect_uri: client.redirectUri,
        code_verifier: client.verifier,
      }
      const { refresh_token: token } = tokensOf(await post(`${connect.origin}/auth/token`, form, headers))
      const revoked = await post(`${connect.origin}/auth/revoke`, { token, client_id: client.id }, headers)
      assert.equal(revoked.status, 200)
    })
  }

  // Source: measured: mcporter sends the Accept of its MCP requests to the OAuth endpoints too.
  it('mcporter: a request with the Accept header of MCP gets JSON', async () => {
    const accept = 'application/json, text/event-stream'
    const answer = await connect.get('/.well-known/oauth-protected-resource/mcp/platform/mcp', { accept })
    assert.match(answer.headers.get('content-type') ?? '', /^application\/json/)
  })

  // Source: measured with twelve clients: some send no state.
  it('without state: the flow works, and the response has no state', async () => {
    const browser = connect.browser()
    const page = await openConsent(browser, client.authorizationUrl({ state: undefined }))
    const callback = await approve(browser, page)
    assert.deepEqual([...callback.searchParams.keys()], ['code', 'iss'])
  })

  /** Sends a request without Accept; returns status, type and body. */
  async function bare(method: string, path: string, [type, body]: readonly string[] = []): Promise<string> {
    const headers = type === undefined ? {} : { 'content-type': type }
    const asked = request(connect.origin + path, { method, headers }).end(body)
    const [answer] = (await once(asked, 'response')) as [IncomingMessage]
    return `${answer.statusCode ?? 0} ${answer.headers['content-type'] ?? ''} ${await text(answer)}`
  }
})
