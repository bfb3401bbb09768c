import assert from 'node:assert/strict'
import { json } from '../support/answer.ts'
import { TestClient, tokensOf } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { approve, openConsent } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

describe('Older clients', () => {
  const connect = beforeAll(() => startConnect())

  // Source: MCP 2025-03-26 (endpoints at the root of the server); anthropics/claude-ai-mcp issues 82, 716, 827.
  it('get tokens from /register, /authorize and /token', async () => {
    const redirectUri = 'https://claude.ai/api/mcp/auth_callback'
    const metadata = { client_name: 'Claude', redirect_uris: [redirectUri] }
    const registered = await connect.post('/register', JSON.stringify(metadata), {
      'content-type': 'application/json',
    })
    assert.equal(registered.status, 201, registered.text)
    const client = new TestClient(connect.origin, { id: String(json(registered).client_id), redirectUri })
    const browser = connect.browser()
    const url = client.authorizationUrl().replace('/connect/authorize', '/authorize')
    const callback = await approve(browser, await openConsent(browser, url))
    const answer = await connect.post('/token', {
      grant_type: 'authorization_code',
      client_id: client.id,
      code: callback.searchParams.get('code') ?? '',
      redirect_uri: redirectUri,
      code_verifier: client.verifier,
    })
    tokensOf(answer)
  })

  // Source: RFC 8414 section 3.1 (inserted), RFC 9728 section 3.1, MCP 2025-03-26 and Databricks (appended).
  it('find the same metadata with the path inserted, appended or absent', async () => {
    const { text: root } = await connect.get('/.well-known/oauth-authorization-server')
    for (const name of ['oauth-authorization-server', 'openid-configuration']) {
      for (const path of ['/mcp/platform/mcp', '/mcp/platform', '/mcp']) {
        for (const url of [`/.well-known/${name}${path}`, `${path}/.well-known/${name}`]) {
          assert.equal((await connect.get(url)).text, root, url)
        }
      }
    }
  })

  // Source: anthropics/claude-ai-mcp issues 690, 877, 878: connectors at any other path are never called.
  it('connect at /mcp, which has its own metadata and the same audience', async () => {
    const document = json(await connect.get('/.well-known/oauth-protected-resource/mcp'))
    assert.equal(document.resource, `${connect.origin}/mcp`)
    const client = await connect.client()
    const browser = connect.browser()
    const url = client.authorizationUrl({ resource: `${connect.origin}/mcp` })
    const callback = await approve(browser, await openConsent(browser, url))
    const code = callback.searchParams.get('code') ?? ''
    tokensOf(await client.redeem(code, { resource: `${connect.origin}/mcp` }))
  })

  // Source: MCP 2026-07-28, "Canonical Server URI": clients may write scheme and host in capitals.
  it('may write the resource in capitals or with a final slash', async () => {
    const client = await connect.client()
    for (const resource of [
      `${connect.origin.replace('http://localhost', 'HTTP://LOCALHOST')}/mcp/platform/mcp`,
      `${connect.origin}/mcp/platform/mcp/`,
    ]) {
      const page = await connect.browser().open(client.authorizationUrl({ resource }))
      assert.ok(page.url.startsWith(connect.organisation.identityProvider.origin), resource)
    }
  })
})
