import assert from 'node:assert/strict'
import { http1 } from '../edge/support/http1.ts'
import { accessLog, requestId } from '../edge/support/views.ts'
import { rawRequest } from './support/raw-request.ts'
import { sharedStack } from './support/recorded-stack.ts'
import { until } from '../support/until.ts'
import { beforeAll } from '../support/before-all.ts'

describe('What Envoy answers by itself', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack())

  it('answers its health check', async () => {
    assert.equal((await rawRequest(`${stack.origin}/healthz`)).status, 200)
  })

  it('E02: ignores forwarding headers where no load balancer is in front', async () => {
    const answer = await http1(stack.origin, {
      target: '/mcp',
      lines: ['X-Forwarded-For: 6.6.6.6', 'X-Forwarded-Proto: https', 'X-Envoy-External-Address: 6.6.6.6'],
    })
    const line = (await accessLog(stack, [answer])).get(requestId(answer) ?? '')
    assert.equal(line?.client, '127.0.0.1')
  })

  it('shows no client the health of consent-ui', async () => {
    const headers = ['accept', 'text/html']
    for (const path of ['/healthz?now', '/healthz/']) {
      const { status, body } = await rawRequest(`${stack.origin}${path}`, { headers })
      assert.equal(status, 404, path)
      assert.ok(!body.includes('started'), path)
    }
  })

  it('takes no trace id from a client while no load balancer is in front', async () => {
    const root = '1-67891233-abcdef012345678912345678'
    const { headers } = await rawRequest(stack.mcpUrl, { headers: ['x-amzn-trace-id', `Root=${root}`] })
    const own = String(headers['x-request-id'])
    const lines = (part: string): string[] => stack.lines.filter((line) => line.startsWith(`${part} {`))
    await until(() => lines('envoy').some((line) => line.includes(own)), 'the access log')
    assert.ok(lines('authz').some((line) => line.includes(`"request":"${own}"`)))
    assert.ok(!stack.lines.some((line) => line.includes(root)))
  })

  it('negative test, resource server: OPTIONS without a token: answers a preflight without a token, whatever headers it names', async () => {
    const asked = 'authorization, content-type, mcp-param-a'
    const headers = ['origin', 'https://app.example', 'access-control-request-method', 'POST']
    headers.push('access-control-request-headers', asked)
    for (const path of ['/mcp/platform/mcp', '/auth/token', '/.well-known/oauth-authorization-server']) {
      const answer = await rawRequest(`${stack.origin}${path}`, { method: 'OPTIONS', headers })
      assert.equal(answer.status, 204)
      assert.equal(answer.headers['access-control-allow-origin'], '*')
      assert.equal(answer.headers['access-control-allow-headers'], asked)
      assert.match(answer.headers['access-control-allow-methods'] ?? '', /POST/)
      assert.equal(answer.headers['access-control-allow-credentials'], undefined)
    }
  })

  it('negative test, discovery: CORS: lets a web page read the challenge and the documents, and send no cookie', async () => {
    const headers = ['origin', 'https://app.example']
    for (const path of ['/mcp/platform/mcp', '/.well-known/oauth-protected-resource']) {
      const answer = await rawRequest(`${stack.origin}${path}`, { headers })
      assert.ok(
        ['*', 'https://app.example'].includes(answer.headers['access-control-allow-origin'] ?? ''),
        path,
      )
      assert.match(answer.headers['access-control-expose-headers'] ?? '', /WWW-Authenticate/)
      assert.equal(answer.headers['access-control-allow-credentials'], undefined)
    }
  })

  it('lets no web page of another origin read the pages of a user', async () => {
    const headers = ['origin', 'https://app.example', 'accept', 'text/html']
    for (const path of ['/connect/apps', '/connect/authorize', '/authorize', '/connect/signout']) {
      const answer = await rawRequest(`${stack.origin}${path}`, { headers })
      assert.equal(answer.headers['access-control-allow-origin'], undefined, path)
    }
  })

  it('never lets a shared cache give one origin’s document to another', async () => {
    const metadata = '/.well-known/oauth-authorization-server'
    for (const path of [metadata, '/.well-known/oauth-protected-resource', '/auth/.well-known/jwks.json']) {
      for (const headers of [[], ['origin', 'https://app.example']]) {
        const answer = await rawRequest(`${stack.origin}${path}`, { headers })
        assert.match(answer.headers['cache-control'] ?? '', /^public/)
        const isForAll = answer.headers['access-control-allow-origin'] === '*'
        assert.ok(isForAll || /\borigin\b/i.test(answer.headers.vary ?? ''), path)
      }
    }
  })

  it('negative test, resource server: disallowed Origin: refuses only web pages that were loaded without TLS', async () => {
    for (const origin of ['http://evil.example', 'HTTP://evil.example', 'http://localhost.evil.example']) {
      assert.equal((await rawRequest(stack.mcpUrl, { headers: ['origin', origin] })).status, 403, origin)
    }
    for (const origin of ['https://app.example', 'http://localhost:6274', 'http://127.0.0.1:1', 'null']) {
      assert.equal((await rawRequest(stack.mcpUrl, { headers: ['origin', origin] })).status, 401, origin)
    }
  })

  it('negative test, resource server: token in query or body, Mcp-Session-Id without a token: accepts a token only in the Authorization header', async () => {
    const form = 'access_token=x.y.z'
    const headers = [
      'content-type',
      'application/x-www-form-urlencoded',
      'content-length',
      String(form.length),
    ]
    const answers = [
      await rawRequest(`${stack.mcpUrl}?${form}`),
      await rawRequest(stack.mcpUrl, { method: 'POST', headers, body: form }),
      await rawRequest(stack.mcpUrl, {
        headers: ['mcp-session-id', 'a-session', 'cookie', 'access_token=x.y.z'],
      }),
    ]
    for (const { status, headers: answered } of answers) {
      assert.equal(status, 401)
      assert.doesNotMatch(String(answered['www-authenticate']), /error=/, 'no credential was shown')
    }
  })

  it('refuses other host names in every form', async () => {
    const reachedBefore = stack.service.requests.length
    for (const host of ['evil.example', '127.0.0.1', 'localhost.evil.example', 'localhost@evil.example']) {
      const headers = ['host', host]
      assert.equal((await rawRequest(stack.mcpUrl, { headers })).status, 421, host)
      assert.equal(
        (await rawRequest(`${stack.origin}/.well-known/oauth-authorization-server`, { headers })).status,
        421,
      )
    }
    // A target with a host of its own is no path of ours, whatever the host.
    for (const host of ['evil.example', 'localhost']) {
      const absolute = await rawRequest(stack.origin, { path: `http://${host}/mcp/platform/mcp` })
      assert.equal(absolute.status, 404, host)
    }
    assert.equal(stack.service.requests.length, reachedBefore)
  })

  it('answers 404 at unknown paths', async () => {
    const paths = [
      '/',
      '/mcp/x/',
      '/mcp/platform/x/',
      '/mcp/platform-other',
      '/mcp/platform/mcp/x',
      '/MCP',
      '/admin',
      '/connectx',
    ]
    for (const path of paths) assert.equal((await rawRequest(`${stack.origin}${path}`)).status, 404, path)
  })

  it('refuses paths that could be read in two ways', async () => {
    for (const path of ['/connect/..%2fmcp', '/mcp%2fplatform%2fmcp', '/mcp#x', '/mcp%5cplatform']) {
      assert.equal((await rawRequest(stack.origin, { path })).status, 400, path)
    }
    for (const path of ['/connect/../mcp', '/.well-known/../mcp/platform/mcp', '//mcp//platform//mcp']) {
      assert.equal((await rawRequest(stack.origin, { path })).status, 401, path)
    }
  })

  it('refuses header names with underscores, which some servers read as another name', async () => {
    assert.equal((await rawRequest(stack.mcpUrl, { headers: ['x_quilt_user', 'admin'] })).status, 400)
  })

  it('names no software, and gives each request an id', async () => {
    for (const path of ['/mcp/platform/mcp', '/.well-known/oauth-authorization-server', '/healthz']) {
      const { headers } = await rawRequest(`${stack.origin}${path}`)
      assert.equal(headers.server, undefined, path)
      assert.equal(headers['x-envoy-upstream-service-time'], undefined)
    }
    const { headers } = await rawRequest(stack.mcpUrl)
    assert.match(String(headers['x-request-id']), /^[0-9a-f-]{36}$/)
  })
})
