import assert from 'node:assert/strict'
import { FILES, PLATFORM } from '../../support/services.ts'
import type { Answer, HeaderFields } from '../support/answer.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { keysAddedBy } from '../support/store.ts'

const BROWSER = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' }

function assertPage({ headers }: Answer): void {
  assert.match(headers.get('content-type') ?? '', /^text\/html; charset=utf-8$/)
  assert.match(headers.get('vary') ?? '', /\bAccept\b/)
  assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'.*frame-ancestors 'none'/)
  assert.equal(headers.get('x-content-type-options'), 'nosniff')
  assert.equal(headers.get('cache-control'), 'no-store')
  assert.deepEqual(headers.getSetCookie(), [])
}

describe('Browser pages outside the OAuth flow', () => {
  let connect: Connect

  before(async () => {
    connect = await startConnect({ services: [{ ...PLATFORM, title: 'A <Service>' }, FILES] })
  })

  it('shows at / what this host is, with links to connected applications and each service', async () => {
    const page = await connect.get('/', BROWSER)
    assert.equal(page.status, 200)
    assertPage(page)
    for (const words of [
      '<h1>Quilt Connect</h1>',
      '<a class="wordmark" href="/">',
      'work in Quilt as you',
      'href="/connect/apps"',
      '<a href="/mcp/platform/mcp">A &#60;Service&#62;</a>',
      '<a href="/files">Sample files</a>',
      'Connect an application to A &#60;Service&#62;',
      `claude mcp add --scope user --transport http quilt ${connect.origin}/mcp/platform/mcp`,
    ]) {
      assert.ok(page.text.includes(words), `${words}: ${page.text}`)
    }
  })

  for (const path of ['/index.html', '/connect/no-such-page', '/mcp/platform/other', '/auth/x']) {
    it(`shows “Page not found” with a way on at ${path}, as 404`, async () => {
      const page = await connect.get(path, BROWSER)
      assert.equal(page.status, 404)
      assertPage(page)
      assert.ok(page.text.includes('<h1>Page not found</h1>'), page.text)
      for (const href of ['/', '/connect/apps', '/connect/check']) {
        assert.ok(page.text.includes(`href="${href}"`), page.text)
      }
      assert.ok(!page.text.includes(path), 'the page quotes nothing of the request')
    })
  }

  for (const [what, path, status] of [
    ['an unknown path', '/no-such-page', 404],
    ['an unknown client', '/connect/authorize?client_id=x', 400],
    ['a repeated parameter', '/connect/authorize?client_id=x&client_id=y', 400],
    ['an expired request', '/connect/authorize/unknown', 400],
  ] as const) {
    it(`shows for ${what} the number of the request, and ways on`, async () => {
      const page = await connect.get(path, { ...BROWSER, 'x-request-id': 'request-1' })
      assert.equal(page.status, status)
      assert.ok(page.text.includes('give this number: <code><bdi>request-1</bdi></code>'), page.text)
      assert.ok(page.text.includes('<a href="/">How to connect an application</a>'))
      assert.ok(page.text.includes('<a href="/connect/apps">Your connected applications</a>'))
    })
  }

  for (const [client, headers] of [
    ['an API client', { accept: 'application/json' }],
    ['a client that sends no Accept', { accept: '' }],
    ['a client with a credential', { ...BROWSER, authorization: 'Bearer x' }],
    ['an MCP client', { ...BROWSER, 'mcp-protocol-version': '2025-11-25' }],
  ] as const satisfies readonly (readonly [string, HeaderFields])[]) {
    it(`shows no page to ${client}`, async () => {
      for (const path of ['/', '/no-such-page']) {
        const { status, text } = await connect.get(path, headers)
        assert.equal(status, 404)
        assert.ok(!text.includes('<'), text)
      }
    })
  }

  it('keeps 405 for a method that a known path does not take', async () => {
    const { status, headers } = await connect.get('/auth/token', BROWSER)
    assert.equal(status, 405)
    assert.equal(headers.get('allow'), 'POST')
  })

  it('has no page at / when Connect is off', async () => {
    const off = await startConnect({ settings: { CONNECT_ALLOWED_HOSTS: '' } })
    assert.equal((await off.get('/', BROWSER)).status, 404)
  })

  it('adds nothing to Redis', async () => {
    const added = await keysAddedBy(connect.redis, async () => {
      for (const path of ['/', '/no-such-page']) await connect.get(path, BROWSER)
    })
    assert.deepEqual(added, [])
  })
})
