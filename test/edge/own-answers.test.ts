import assert from 'node:assert/strict'
import { readConfig } from '../../envoy/config.ts'
import { renderEnvoyConfig } from '../../envoy/render/render.ts'
import { EDGE_ENVIRONMENT } from '../envoy/support.ts'
import { ask, PROTOCOLS, SERVICE_TARGET, type EdgeRequest } from './support/ask.ts'
import { adaAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { http1Bytes, type EdgeAnswer } from './support/http1.ts'
import { beforeAll } from '../support/before-all.ts'

describe("Envoy's own answers", function () {
  this.timeout(60_000)
  let token: string

  const stack = beforeAll(() => edgeStack())

  before(async () => {
    token = (await adaAtTheEdge()).accessToken
  })

  const refusals: readonly (readonly [what: string, status: number, request: EdgeRequest])[] = [
    ['no such path', 404, { target: '/nowhere' }],
    ['a path with two meanings', 400, { target: '/mcp/%252e%252e/x' }],
    ['an escaped slash', 400, { target: '/mcp%2fx' }],
    ['another method', 405, { method: 'PATCH' }],
    ['no credential', 401, {}],
    ['a body that is too large', 413, { method: 'POST', target: '/auth/token', body: 'x'.repeat(100_000) }],
    ['a page that came without TLS', 403, { headers: [['origin', 'http://evil.example']] }],
  ]
  for (const protocol of PROTOCOLS) {
    for (const [what, status, request] of refusals) {
      it(`over ${protocol}, for ${what}, have no-store and nosniff, and name no software`, async () => {
        const { answer } = await ask(stack, protocol, request)
        assert.equal(answer.status, status)
        isDiscreet(answer)
      })
    }

    it(`over ${protocol}, for a failed check, have nosniff, as have answers of a service`, async () => {
      stack.authz.script = () => Promise.reject(new Error('no answer'))
      const { answer } = await ask(stack, protocol, {})
      stack.authz.script = undefined
      assert.equal(answer.status, 503)
      isDiscreet(answer)

      for (const target of [SERVICE_TARGET, '/.well-known/oauth-authorization-server', '/connect/apps']) {
        const usual = await ask(stack, protocol, { target, headers: [['authorization', `Bearer ${token}`]] })
        assert.deepEqual(usual.answer.headers.get('x-content-type-options'), ['nosniff'], target)
        assert.equal(usual.answer.headers.get('server'), undefined)
      }
    })
  }

  it('over HTTP/1.1, for large headers and a malformed request, have no-store', async () => {
    const large = await ask(stack, 'HTTP/1.1', { headers: [['x-big', 'x'.repeat(50_000)]] })
    assert.equal(large.answer.status, 431)
    isDiscreet(large.answer)
    isDiscreet(await http1Bytes(stack.origin, 'GET /mcp HTTP/1.1\r\nHost: localhost\r\nx: a\0b\r\n\r\n'))
  })

  it('have strict-transport-security if the Connect host has TLS', async () => {
    const { answer } = await ask(stack, 'HTTP/2', { target: '/connect/apps' })
    assert.equal(answer.headers.get('strict-transport-security'), undefined)
    assert.match(renderEnvoyConfig(readConfig(EDGE_ENVIRONMENT)), /strict-transport-security/)
  })

  it('keep the connection of a load balancer open after the bad request of one client', async () => {
    const host = new URL(stack.origin).host
    const bad = `GET /mcp%2fx HTTP/1.1\r\nHost: ${host}\r\n\r\n`
    const good = `GET /healthz HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
    const { status, body } = await http1Bytes(stack.origin, `${bad}${good}`, { untilClosed: true })
    assert.equal(status, 400)
    assert.match(body, /HTTP\/1\.1 200 OK/)
  })

  function isDiscreet({ headers }: EdgeAnswer): void {
    assert.deepEqual(headers.get('cache-control'), ['no-store'])
    assert.deepEqual(headers.get('x-content-type-options'), ['nosniff'])
    for (const name of ['server', 'x-powered-by', 'x-envoy-upstream-service-time', 'via']) {
      assert.equal(headers.get(name), undefined, name)
    }
  }
})
