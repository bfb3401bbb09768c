import assert from 'node:assert/strict'
import { FILES, PLATFORM } from '../../support/services.ts'
import type { HeaderFields } from '../support/answer.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { keysAddedBy } from '../support/store.ts'

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

describe('The page at a service’s URL', () => {
  let connect: Connect

  before(async () => {
    const service = { ...PLATFORM, title: 'A <Service> & more' }
    connect = await startConnect({ services: [service, FILES] })
  })

  for (const path of PLATFORM.paths) {
    it(`says at ${path} what the service is and how to connect each application`, async () => {
      const { status, headers, text } = await connect.get(path, BROWSER)
      assert.equal(status, 200)
      assert.match(headers.get('content-type') ?? '', /^text\/html; charset=utf-8$/)
      assert.match(headers.get('vary') ?? '', /\bAccept\b/)
      assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/)
      assert.ok(text.includes('A &#60;Service&#62; &#38; more') && !text.includes('<Service>'))
      const url = `${connect.origin}/mcp/platform/mcp`
      for (const words of [
        `claude mcp add --scope user --transport http quilt ${url}`,
        'Your browser opens: sign in and approve. <code>claude mcp list</code> then shows “✔ Connected”.',
        '<p>Save this in your project as <code>.vscode/mcp.json</code>.',
        `codex mcp add quilt --url ${url}`,
        `&#34;mcpServers&#34;: {`,
        `&#34;url&#34;: &#34;${url}&#34;`,
        '<summary>ChatGPT</summary>',
        `<code>${connect.origin}</code>`,
        '<code>/mcp/platform/mcp</code>',
        'Quilt by Quilt',
        'href="/connect/apps"',
      ]) {
        assert.ok(text.includes(words), words)
      }
    })
  }

  it('offers one-click links to the applications that have them', async () => {
    const { text } = await connect.get('/mcp/platform/mcp', BROWSER)
    assert.match(text, /href="cursor:\/\/anysphere\.cursor-deeplink\/mcp\/install\?name=quilt&#38;config=\w/)
    assert.match(text, /href="vscode:mcp\/install\?%7B/)
  })

  for (const [application, userAgent] of [
    ['Claude', 'Mozilla/5.0 (X11; Linux x86_64) Chrome/153.0.0.0 Safari/537.36'],
    ['Cursor', 'Mozilla/5.0 (Macintosh) Cursor/2.1.0 Chrome/142.0.0.0 Electron/39.0.0 Safari/537.36'],
    ['Visual Studio Code', 'Mozilla/5.0 (Windows NT 10.0) Code/1.107.0 Chrome/142.0.0.0 Electron/39.0.0'],
  ] as const) {
    it(`opens only the set-up of ${application} in ${application === 'Claude' ? 'an ordinary browser' : 'its own browser'}`, async () => {
      const { text } = await connect.get('/mcp/platform/mcp', { ...BROWSER, 'user-agent': userAgent })
      const open = [...text.matchAll(/<details open>\s*<summary>(.*?)<\/summary>/g)].map(([, name]) => name)
      assert.deepEqual(open, [application])
    })
  }

  it('has no MCP set-ups for a plain HTTP service', async () => {
    const { status, text } = await connect.get('/files', BROWSER)
    assert.equal(status, 200)
    assert.ok(text.includes('Sample files') && !text.includes('mcp add'))
    assert.match(text, /AI assistants such as Claude do not connect here\. For those: <a href="\/">/)
  })

  for (const [who, headers] of [
    ['an MCP client', { accept: 'application/json, text/event-stream' }],
    ['a client that also accepts HTML', { accept: 'application/json, text/html' }],
    ['a client without Accept', { accept: '' }],
    ['a client with a credential', { ...BROWSER, authorization: 'Bearer x' }],
    ['a client that sends an MCP header', { ...BROWSER, 'mcp-protocol-version': '2025-11-25' }],
  ] as const satisfies readonly (readonly [string, HeaderFields])[]) {
    it(`is not shown to ${who}`, async () => {
      assert.equal((await connect.get('/mcp/platform/mcp', headers)).status, 404)
    })
  }

  it('is not shown for POST', async () => {
    assert.notEqual((await connect.post('/mcp/platform/mcp', '', BROWSER)).status, 200)
  })

  it('is absent when Connect is off', async () => {
    const off = await startConnect({ settings: { CONNECT_ALLOWED_HOSTS: '' } })
    assert.equal((await off.get('/mcp/platform/mcp', BROWSER)).status, 404)
  })

  it('stores nothing and sets no cookie', async () => {
    const added = await keysAddedBy(connect.redis, async () => {
      const { headers } = await connect.get('/mcp/platform/mcp', BROWSER)
      assert.deepEqual(headers.getSetCookie(), [])
    })
    assert.deepEqual(added, [])
  })
})
