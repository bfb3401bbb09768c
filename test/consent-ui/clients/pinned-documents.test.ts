import assert from 'node:assert/strict'
import { pinnedDocument } from '../../../consent-ui/clients/pinned-documents.ts'
import { readClientDocument } from '../../../consent-ui/clients/document-client.ts'
import { assertRefused, TestClient } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { codeFor, tokensFor } from '../support/person.ts'
import { beforeAll } from '../../support/before-all.ts'

/** As the clients send them; the port differs each time. */
const CLIENTS = {
  Claude: ['https://claude.ai/oauth/mcp-oauth-client-metadata', 'https://claude.ai/api/mcp/auth_callback'],
  'Claude at its other host': [
    'https://claude.ai/oauth/mcp-oauth-client-metadata',
    'https://claude.com/api/mcp/auth_callback',
  ],
  'Claude Code': ['https://claude.ai/oauth/claude-code-client-metadata', 'http://localhost:54545/callback'],
  'Claude Code at the address': [
    'https://claude.ai/oauth/claude-code-client-metadata',
    'http://127.0.0.1:54545/callback',
  ],
  Codex: ['https://chatgpt.com/oauth/codex/client.json', 'http://127.0.0.1:40123/callback'],
  'Visual Studio Code': ['https://vscode.dev/oauth/client-metadata.json', 'http://127.0.0.1:33418/'],
  'Visual Studio Code at another port': [
    'https://vscode.dev/oauth/client-metadata.json',
    'http://127.0.0.1:40123/',
  ],
  'Visual Studio Code on the web': [
    'https://vscode.dev/oauth/client-metadata.json',
    'https://vscode.dev/redirect',
  ],
  Zed: ['https://zed.dev/oauth/client-metadata.json', 'http://127.0.0.1:40123/callback'],
  'Copilot CLI': ['https://github.com/copilot/cli/client-metadata.json', 'http://127.0.0.1:61876/'],
  'Copilot CLI at its other path': [
    'https://github.com/copilot/cli/client-metadata.json',
    'http://127.0.0.1:40123/callback',
  ],
  OpenCode: ['https://opencode.ai/oauth/opencode/client.json', 'http://127.0.0.1:40123/callback'],
  Goose: ['https://goose-docs.ai/oauth/client-metadata.json', 'http://127.0.0.1:40123/oauth_callback'],
} as const

describe('Known clients whose document cannot be fetched', () => {
  const connect = beforeAll(() => startConnect())

  for (const [name, [id, redirectUri]] of Object.entries(CLIENTS)) {
    it(`lets ${name} connect`, async () => {
      await tokensFor(connect, new TestClient(connect.origin, { id, redirectUri }))
    })
  }

  it('let ChatGPT connect up to its key, which is not pinned: 503', async () => {
    const redirectUri = 'https://chatgpt.com/connector_platform_oauth_redirect'
    const client = new TestClient(connect.origin, {
      id: 'https://chatgpt.com/oauth/client.json',
      redirectUri,
    })
    const page = await connect.browser().open(client.authorizationUrl())
    assert.ok(page.url.startsWith(connect.organisation.identityProvider.origin))
    const code = await codeFor(connect, client)
    assertRefused(await client.redeem(code), 'invalid_client', 401)
    const assertion = {
      client_assertion_type: 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer',
      client_assertion: 'eyJhbGciOiJSUzI1NiJ9.e30.c2ln',
    }
    assertRefused(await client.redeem(code, assertion), 'temporarily_unavailable', 503)
  })

  it('connect only with their own redirect URIs', async () => {
    for (const redirectUri of [
      'http://localhost:54545/other',
      'https://claude.ai/cb',
      'http://localhost/callback',
    ]) {
      const client = new TestClient(connect.origin, {
        id: 'https://vscode.dev/oauth/client-metadata.json',
        redirectUri,
      })
      const page = await connect.browser().open(client.authorizationUrl())
      assert.match(page.text, /Invalid callback address/, redirectUri)
    }
  })

  it('lend nothing to other documents at their hosts', async () => {
    const client = new TestClient(connect.origin, {
      id: 'https://claude.ai/oauth/other',
      redirectUri: 'http://localhost:1/callback',
    })
    assert.equal((await connect.browser().open(client.authorizationUrl())).status, 503)
  })

  for (const id of [
    'https://github.com/someone/client-metadata.json',
    'https://github.com/copilot/cli/client-metadata.json?x=y',
    'https://github.com/copilot/cli/other.json',
    'https://opencode.ai/client.json',
  ]) {
    it(`do not allow ${id}, at a host where others publish too`, async () => {
      const client = new TestClient(connect.origin, { id, redirectUri: 'http://127.0.0.1:1/' })
      const page = await connect.browser().open(client.authorizationUrl())
      assert.match(page.text, /Application not allowed/)
      assertRefused(await client.refresh('x'), 'invalid_client', 401)
    })
  }

  it('are refused when the operator names other hosts', async () => {
    const strict = await startConnect({
      settings: { CONNECT_CLIENT_HOSTS: 'clients.example', CONNECT_ALLOWED_HOSTS: 'localhost' },
    })
    const client = new TestClient(strict.origin, {
      id: 'https://claude.ai/oauth/claude-code-client-metadata',
      redirectUri: 'http://localhost:1/callback',
    })
    const page = await strict.browser().open(client.authorizationUrl())
    assert.match(page.text, /CONNECT_CLIENT_HOSTS/)
    assertRefused(await client.refresh('x'), 'invalid_client', 401)
  })

  it('have pinned documents that would pass as fetched ones', () => {
    for (const [id] of Object.values(CLIENTS)) {
      assert.equal(readClientDocument(id, pinnedDocument(id)).id, id)
    }
  })
})
