import assert from 'node:assert/strict'
import { openPage } from './support/consent.ts'
import { rawRequest, type RawAnswer } from './support/raw-request.ts'
import { sharedStack } from './support/recorded-stack.ts'
import { screenshot } from './support/screenshot.ts'
import { beforeAll } from '../support/before-all.ts'

const BROWSER = ['accept', 'text/html,application/xhtml+xml,*/*;q=0.8']

describe("A browser at a service's URL", function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack())

  for (const path of [
    '/mcp/platform/mcp',
    '/mcp/platform/mcp/',
    '/mcp/platform',
    '/mcp',
    '/files',
    '/files/',
  ]) {
    it(`sees at ${path} what the service is and a link to connected applications`, async () => {
      const page = await rawRequest(`${stack.origin}${path}`, { headers: BROWSER })
      assert.equal(page.status, 200)
      assert.match(page.headers['content-type'] ?? '', /^text\/html/)
      assert.match(page.headers.vary ?? '', /accept/i)
      assert.match(page.body, /\/connect\/apps/)
    })
  }

  const others: [what: string, headers: readonly string[], method: string][] = [
    ['an MCP client', ['accept', 'text/event-stream'], 'GET'],
    ['a client that also accepts HTML', ['accept', 'application/json, text/html'], 'GET'],
    ['a client with a credential', [...BROWSER, 'authorization', 'Bearer x'], 'GET'],
    ['a client that speaks MCP', [...BROWSER, 'mcp-protocol-version', '2025-11-25'], 'GET'],
    ['a client with an MCP session', [...BROWSER, 'mcp-session-id', 'x'], 'GET'],
    ['a POST', BROWSER, 'POST'],
    ['a HEAD', BROWSER, 'HEAD'],
  ]
  for (const [what, headers, method] of others) {
    it(`is not taken for ${what}: 401 with one challenge`, async () => {
      const answer = await rawRequest(stack.mcpUrl, { method, headers })
      assert.equal(answer.status, 401)
      assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer resource_metadata=/)
    })
  }

  it('shows no page below a plain HTTP service: that asks for a token', async () => {
    assert.equal((await rawRequest(`${stack.origin}/files/quilt-lab/x`, { headers: BROWSER })).status, 401)
  })
})

describe('A browser at an address that is no service', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack())

  async function open(path: string): Promise<RawAnswer> {
    const reachedBefore = stack.service.requests.length
    const page = await rawRequest(`${stack.origin}${path}`, { headers: BROWSER })
    assert.equal(stack.service.requests.length, reachedBefore, 'the service saw nothing')
    assert.match(page.headers['content-type'] ?? '', /^text\/html/)
    assert.match(page.headers['content-security-policy']?.toString() ?? '', /default-src 'none'/)
    assert.equal(page.headers['x-frame-options'], 'DENY')
    return page
  }

  it('sees at / what this host is, with links to connected applications and services', async () => {
    const { status, body } = await open('/')
    assert.equal(status, 200)
    for (const href of ['/connect/apps', '/mcp/platform/mcp', '/files']) {
      assert.ok(body.includes(`href="${href}"`), body)
    }
  })

  for (const path of [
    '/index.html',
    '/api/graphql',
    '/mcp/platform/mcp/x',
    '/mcp/other',
    '/connect/x',
    '/.well-known/x',
  ]) {
    it(`sees “Page not found” with a way on at ${path}, as 404`, async () => {
      const { status, body } = await open(path)
      assert.equal(status, 404)
      assert.match(body, /<h1>Page not found<\/h1>/)
      assert.match(body, /href="\/connect\/apps"/)
    })
  }

  it('leads in Chromium from “Page not found” to the home page, and on to a service', async () => {
    const page = await openPage(`${stack.origin}/no-such-page`)
    try {
      await page.getByRole('heading', { name: 'Page not found' }).waitFor()
      await screenshot(page, 'page-not-found')
      await page.getByRole('link', { name: 'How to connect' }).click()
      await page.getByRole('heading', { name: 'Quilt Connect' }).waitFor()
      await screenshot(page, 'home-page')
      await page.getByRole('link', { name: 'Quilt Platform MCP Server' }).click()
      await page.getByText('Claude Code', { exact: true }).waitFor()
    } finally {
      await page.context().close()
    }
  })

  it('copies in Chromium a set-up command with one press', async () => {
    const page = await openPage(`${stack.origin}/`)
    try {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
      await page.getByText('Claude Code', { exact: true }).click()
      const setUp = page.getByRole('group').filter({ hasText: 'claude mcp add' })
      await setUp.getByRole('button', { name: 'Copy' }).first().click()
      await setUp.getByRole('status').filter({ hasText: 'Copied' }).waitFor()
      assert.equal(
        await page.evaluate('navigator.clipboard.readText()'),
        `claude mcp add --scope user --transport http quilt ${stack.mcpUrl}`,
      )
    } finally {
      await page.context().close()
    }
  })

  for (const [client, headers] of [
    ['an API client', ['accept', 'application/json']],
    ['a client with a credential', [...BROWSER, 'authorization', 'Bearer x']],
    ['a client that speaks MCP', [...BROWSER, 'mcp-protocol-version', '2025-11-25']],
  ] as const) {
    it(`is not taken for ${client}, which gets 404 without a page of consent-ui`, async () => {
      for (const path of ['/', '/no-such-page']) {
        const { status, body } = await rawRequest(`${stack.origin}${path}`, { headers })
        assert.equal(status, 404)
        assert.doesNotMatch(body, /Page not found|Connect an application/)
        if (headers[1] === 'application/json') assert.deepEqual(JSON.parse(body), { error: 'not_found' })
      }
    })
  }
})
