import assert from 'node:assert/strict'
import type { Answer } from '../support/answer.ts'
import { TestClient } from '../support/client.ts'
import { startConnect } from '../support/connect.ts'
import { beforeAll } from '../../support/before-all.ts'

const ANOTHER_ID = 'AQVrZXktMQ-of-another-server'

function read({ text }: Answer): string {
  return text
    .replace(/<style>.*<\/style>/s, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#(\d+);/g, (_reference, code: string) => String.fromCharCode(Number(code)))
    .replace(/\s+/g, ' ')
}

describe('The page for an unknown client', () => {
  const connect = beforeAll(() => startConnect())

  async function pageFor(redirectUri: string, { id = ANOTHER_ID, userAgent = 'Mozilla/5.0' } = {}) {
    const url = new TestClient(connect.origin, { id, redirectUri }).authorizationUrl()
    const answer = await connect.get(url.slice(connect.origin.length), { 'user-agent': userAgent })
    assert.equal(answer.status, 400)
    assert.equal(answer.headers.get('location'), null)
    assert.deepEqual(answer.headers.getSetCookie(), [])
    assert.ok(answer.text.includes('<h1>Unknown application</h1>'), answer.text)
    return read(answer)
  }

  for (const [redirectUri, name, step] of [
    // As the clients send them.
    ['https://claude.ai/api/mcp/auth_callback', 'Claude', 'then Connectors.'],
    ['https://claude.com/api/mcp/auth_callback', 'Claude', 'then Connectors.'],
    ['http://localhost:51234/callback', 'Claude Code', 'claude mcp logout <name>'],
    ['https://chatgpt.com/connector_platform_oauth_redirect', 'ChatGPT', 'Delete this connector'],
    ['https://chatgpt.com/connector/oauth/abc', 'ChatGPT', 'Delete this connector'],
    ['http://127.0.0.1:41211/callback/x1', 'Codex', 'codex mcp logout <name>'],
    ['cursor://anysphere.cursor-mcp/oauth/callback', 'Cursor', 'Cursor: Clear All MCP Tokens'],
    ['https://www.cursor.com/agents/mcp/oauth/callback', 'Cursor', 'Cursor: Clear All MCP Tokens'],
    ['http://127.0.0.1:33418/', 'Visual Studio Code', 'Remove Dynamic Authentication Providers'],
    ['https://vscode.dev/redirect', 'Visual Studio Code', 'Remove Dynamic Authentication Providers'],
    ['http://localhost:3335/oauth/callback', 'mcp-remote', '~/.mcp-auth'],
    ['http://localhost:6274/oauth/callback', 'MCP Inspector', 'Clear OAuth State'],
    ['http://127.0.0.1:19876/mcp/oauth/callback', 'OpenCode', 'opencode mcp logout <name>'],
    ['http://localhost:7777/oauth/callback', 'Gemini CLI', '/mcp auth <name>'],
    ['quilt://auth/callback?host=demo.example.com', 'QuiltSync', 'sign out of this catalog'],
    ['https://oregon.cloud.databricks.com/login/oauth/http.html', 'Databricks', 'delete the connection'],
    ['https://tenant.benchling.com/1/api/llm/mcp/oauth/callback', 'Benchling', 'ask an administrator'],
  ] as const) {
    it(`names ${name} and how to remove its registration, by ${redirectUri}`, async () => {
      const text = await pageFor(redirectUri)
      assert.ok(text.includes(`seems to come from ${name},`), text)
      assert.ok(text.includes(step), text)
      const isShared = redirectUri.startsWith('http:')
      assert.equal(
        text.includes('If you use another application'),
        isShared,
        'any program may use that address',
      )
    })
  }

  it('recognises an application by its own browser window', async () => {
    const text = await pageFor('https://elsewhere.example/cb', {
      userAgent: 'Mozilla/5.0 Cursor/3.1 Electron/39',
    })
    assert.ok(text.includes('seems to come from Cursor,'), text)
  })

  for (const redirectUri of [
    'https://elsewhere.example/cb',
    'https://claude.ai.evil.example/api/mcp/auth_callback',
    'https://evil.example/https://claude.ai/api/mcp/auth_callback',
    `https://claude.ai/${'x'.repeat(5000)}`,
    'javascript:alert(1)',
  ]) {
    it(`gives general help if it does not recognise the application: ${redirectUri.slice(0, 60)}`, async () => {
      const text = await pageFor(redirectUri)
      assert.ok(text.includes('the application has to forget that it ever registered'), text)
      assert.ok(!text.includes('evil') && !text.includes('alert'))
    })
  }

  it('is shown for a client of another issuer, of a removed key, and with a changed id', async () => {
    const [other, client] = [await (await startConnect()).client(), await connect.client()]
    const altered = client.id.replace(/.$/, (last) => (last === 'A' ? 'B' : 'A'))
    for (const id of [other.id, altered, `${client.id}A`]) await pageFor(client.redirectUri, { id })
  })
})

describe('The page for a client document at a host that is not allowed', () => {
  for (const [id, named] of [
    ['https://evil.example/client', 'https://evil.example/client'],
    [`https://evil.example/${'x'.repeat(200)}`, 'evil.example'],
  ] as const) {
    it(`names ${named} for the operator, and the setting that allows it`, async () => {
      const connect = await startConnect()
      const redirectUri = 'http://localhost:1/callback'
      const url = new TestClient(connect.origin, { id, redirectUri }).authorizationUrl()
      const page = await connect.browser().open(url)
      assert.equal(page.status, 400)
      assert.equal(page.headers.get('location'), null)
      for (const words of [
        'Application not allowed',
        `<code>${named}</code>`,
        '<code>CONNECT_CLIENT_HOSTS</code>',
      ]) {
        assert.ok(page.text.includes(words), page.text)
      }
    })
  }
})
