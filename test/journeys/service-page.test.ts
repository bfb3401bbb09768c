import assert from 'node:assert/strict'
import { rawRequest } from './support/raw-request.ts'
import { sharedStack, type RecordedStack } from './support/recorded-stack.ts'

const BROWSER = ['accept', 'text/html,application/xhtml+xml,*/*;q=0.8']

describe("A service's URL, opened by a person", function () {
  this.timeout(60_000)
  let stack: RecordedStack

  before(async () => {
    stack = await sharedStack()
  })

  for (const path of [
    '/mcp/platform/mcp',
    '/mcp/platform/mcp/',
    '/mcp/platform',
    '/mcp',
    '/files',
    '/files/',
  ]) {
    it(`shows at ${path} what it is, and what is connected`, async () => {
      const page = await rawRequest(`${stack.origin}${path}`, { headers: BROWSER })
      assert.equal(page.status, 200)
      assert.match(page.headers['content-type'] ?? '', /^text\/html/)
      assert.match(page.headers.vary ?? '', /accept/i)
      assert.match(page.body, /\/connect\/apps/)
    })
  }

  const others: [what: string, headers: readonly string[], method: string][] = [
    ['an application', ['accept', 'text/event-stream'], 'GET'],
    ['one that takes pages too', ['accept', 'application/json, text/html'], 'GET'],
    ['whoever shows a credential', [...BROWSER, 'authorization', 'Bearer x'], 'GET'],
    ['whoever speaks MCP', [...BROWSER, 'mcp-protocol-version', '2025-11-25'], 'GET'],
    ['whoever goes on with a session', [...BROWSER, 'mcp-session-id', 'x'], 'GET'],
    ['a POST', BROWSER, 'POST'],
    ['a HEAD', BROWSER, 'HEAD'],
  ]
  for (const [what, headers, method] of others) {
    it(`asks ${what} for a token, as ever`, async () => {
      const answer = await rawRequest(stack.mcpUrl, { method, headers })
      assert.equal(answer.status, 401)
      assert.match(answer.headers['www-authenticate'] ?? '', /^Bearer resource_metadata=/)
    })
  }

  it('is no page below a plain HTTP service', async () => {
    assert.equal((await rawRequest(`${stack.origin}/files/quilt-lab/x`, { headers: BROWSER })).status, 401)
  })
})
