import assert from 'node:assert/strict'
import { ask, PROTOCOLS, SERVICE_TARGET } from './support/ask.ts'
import { authorizationAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { http1, http1Bytes, type EdgeAnswer } from './support/http1.ts'
import { http2 } from './support/http2.ts'
import { http2Frames } from './support/http2-frames.ts'
import { beforeAll } from '../support/before-all.ts'

type Header = readonly [name: string, value: string]

describe('Methods and shapes of requests', function () {
  this.timeout(60_000)
  let reachedBefore: number

  const stack = beforeAll(() => edgeStack())
  let authorization: Header

  before(async () => {
    authorization = await authorizationAtTheEdge()
  })

  beforeEach(() => {
    reachedBefore = reached()
  })

  for (const protocol of PROTOCOLS) {
    it(`G14: over ${protocol}: authz is asked alike about GET, HEAD, POST and DELETE`, async () => {
      for (const method of ['GET', 'HEAD', 'POST', 'DELETE']) {
        const without = await ask(stack, protocol, { method })
        assert.deepEqual([without.answer.status, without.questions.length], [401, 1], method)
        assert.deepEqual(without.atPlatform, [])
        const { answer, atPlatform } = await ask(stack, protocol, { method, headers: [authorization] })
        assert.equal(answer.status, 200, method)
        assert.deepEqual(
          atPlatform.map((received) => received.method),
          [method],
        )
      }
    })

    it(`G14: over ${protocol}: Envoy refuses every other method, with or without a token`, async () => {
      const others = [
        'PUT',
        'PATCH',
        'TRACE',
        'TRACK',
        'PROPFIND',
        'SEARCH',
        'QUERY',
        'LINK',
        'PURGE',
        'get',
        'FOO',
      ]
      for (const method of others) {
        for (const target of [SERVICE_TARGET, '/connect/apps', '/auth/token']) {
          const headers: Header[] = [authorization, ['content-type', 'application/json']]
          const { answer, ...views } = await ask(stack, protocol, { method, target, headers })
          assert.ok([400, 405, 0].includes(answer.status), `${method}: ${answer.status}`)
          assert.deepEqual([views.atPlatform, views.atConsentUi, views.questions], [[], [], []], method)
        }
      }
    })

    it(`G14: over ${protocol}: Envoy answers OPTIONS without asking authz`, async () => {
      for (const target of [SERVICE_TARGET, '/auth/token', '/nowhere']) {
        const { answer, ...views } = await ask(stack, protocol, { method: 'OPTIONS', target })
        assert.equal(answer.status, 204)
        assert.deepEqual([views.atPlatform, views.atConsentUi, views.questions], [[], [], []])
      }
    })

    it(`G14: over ${protocol}: Early-Data, Expect and Range do not change the decision`, async () => {
      const extras: Header[] = [
        ['early-data', '1'],
        ['range', 'bytes=0-1'],
        ['max-forwards', '0'],
      ]
      if (protocol === 'HTTP/1.1') extras.push(['expect', '100-continue'])
      for (const extra of extras) {
        const { answer, atPlatform } = await ask(stack, protocol, {
          method: 'POST',
          headers: [extra],
          body: '{}',
        })
        assert.equal(answer.status, 401, extra[0])
        assert.deepEqual(atPlatform, [])
      }
    })
  }

  it('G14: CONNECT opens no tunnel and finds no service, with a path, without one and in HTTP/2 (CVE-2026-73547, CVE-2025-64763)', async () => {
    const pid = stack.process('envoy').pid
    const host = new URL(stack.origin).host
    const token = authorization.join(': ')
    const answers = [
      await http1(stack.origin, { method: 'CONNECT', target: 'evil.example:443', lines: [token] }),
      await http1(stack.origin, {
        method: 'CONNECT',
        target: host,
        lines: [token],
        body: 'GET /mcp HTTP/1.1\r\n\r\n',
      }),
      await http1(stack.origin, { method: 'CONNECT', target: SERVICE_TARGET, lines: [token] }),
      await http1(stack.origin, { method: 'CONNECT', target: '', lines: [token] }),
      await http2(stack.origin, [':method', 'CONNECT', ':authority', host, ...authorization]),
      await http2(stack.origin, [
        ...[':method', 'CONNECT', ':protocol', 'websocket', ':scheme', 'http'],
        ...[':path', SERVICE_TARGET, ':authority', host, ...authorization],
      ]).catch(() => undefined),
    ]
    for (const answer of answers) refused(answer)
    assert.equal(stack.process('envoy').pid, pid)
    assert.equal((await ask(stack, 'HTTP/2', {})).answer.status, 401, 'Envoy lives')
  })

  it('G14: no upgrade passes: to websocket, h2c or another protocol (CVE-2026-73548, CVE-2024-23326)', async () => {
    for (const protocol of ['websocket', 'h2c', 'TLS/1.0', 'foo', 'websocket, h2c']) {
      const headers: Header[] = [
        ['upgrade', protocol],
        ['http2-settings', 'AAMAAABkAAQAoAAAAAIAAAAA'],
        ['connection', 'Upgrade, HTTP2-Settings'],
      ]
      const without = await ask(stack, 'HTTP/1.1', { headers })
      assert.ok([401, 403].includes(without.answer.status), protocol)
      assert.deepEqual(without.atPlatform, [])
      const { answer, atPlatform } = await ask(stack, 'HTTP/1.1', { headers: [...headers, authorization] })
      assert.ok([200, 403].includes(answer.status), protocol)
      for (const received of atPlatform) assert.equal(received.headers.upgrade, undefined, protocol)
    }
  })

  it('G14: Envoy refuses a malformed HTTP/1.1 request, and does not read the rest as a request', async () => {
    const host = `Host: ${new URL(stack.origin).host}`
    const token = authorization.join(': ')
    const smuggled = `GET ${SERVICE_TARGET} HTTP/1.1\r\n${host}\r\n${token}\r\n\r\n`
    const post = `POST ${SERVICE_TARGET} HTTP/1.1\r\n${host}\r\n${token}\r\n`
    const malformed = [
      `GET ${SERVICE_TARGET}\r\n\r\n`,
      `GET ${SERVICE_TARGET} HTTP/0.9\r\n${host}\r\n${token}\r\n\r\n`,
      `GET ${SERVICE_TARGET} HTTP/1.0\r\n${host}\r\n${token}\r\n\r\n`,
      `GET ${SERVICE_TARGET} HTTP/2.0\r\n${host}\r\n${token}\r\n\r\n`,
      `GET ${SERVICE_TARGET} HTTP/1.1\r\n${token}\r\n\r\n`,
      `PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n${smuggled}`,
      `${post}Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${post}Transfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n${smuggled}`,
      `${post}Content-Length: 0\r\nContent-Length: ${smuggled.length}\r\n\r\n${smuggled}`,
      `${post}Content-Length: +0\r\n\r\n${smuggled}`,
      `${post}Content-Length: -1\r\n\r\n${smuggled}`,
      `${post}Content-Length: 0x5\r\n\r\n${smuggled}`,
      `${post}Transfer-Encoding: xchunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${post}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n${smuggled}`,
      `${post}Transfer-Encoding: \x0bchunked\r\n\r\n0\r\n\r\n${smuggled}`,
      `${post}Transfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n${smuggled}`,
      `${post}x: a\0b\r\n\r\n`,
      `${post}: empty name\r\n\r\n`,
      `${post}no colon\r\n\r\n`,
      `\0\0\0\0\0\0\0\0`,
      `\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03`,
    ]
    for (const bytes of malformed) {
      const answer = await http1Bytes(stack.origin, bytes)
      refused(answer, JSON.stringify(bytes.replaceAll(token, '<token>').slice(0, 150)))
    }
  })

  it('G14: authz is asked separately about two requests in one packet', async () => {
    const { host } = new URL(stack.origin)
    const request = (lines: readonly string[]): string =>
      [`GET ${SERVICE_TARGET} HTTP/1.1`, `Host: ${host}`, ...lines, '', ''].join('\r\n')
    const asked = stack.authz.questions.length
    const good = request([authorization.join(': ')])
    const { status, body } = await http1Bytes(stack.origin, `${good}${request(['Connection: close'])}`, {
      untilClosed: true,
    })
    assert.equal(status, 200)
    assert.match(body, /HTTP\/1\.1 401 /)
    assert.equal(stack.authz.questions.length, asked + 2)
    assert.equal(reached(), reachedBefore + 1)
  })

  it('G14: a bare CR does not begin a line', async () => {
    for (const name of ['x-a', 'x-qui\rlt-user', '\rx-quilt-user']) {
      const { atPlatform } = await ask(stack, 'HTTP/1.1', {
        headers: [authorization, [name, 'a\rx-quilt-user: eve']],
      })
      for (const { headers } of atPlatform) assert.equal(headers['x-quilt-user'], undefined, name)
    }
  })

  it('G14: Envoy refuses missing, repeated, late or odd HTTP/2 pseudo-headers', async () => {
    const { host } = new URL(stack.origin)
    const [method, scheme] = [
      [':method', 'GET'],
      [':scheme', 'http'],
    ]
    const [authority, path] = [
      [':authority', host],
      [':path', SERVICE_TARGET],
    ]
    const all = [...method, ...scheme, ...authority, ...path]
    assert.equal(await http2Frames(stack.origin, [...all, ...authorization]), 'answered 200')
    reachedBefore = reached()
    const odd: readonly (readonly string[])[] = [
      [...scheme, ...authority, ...path],
      [...method, ...authority, ...path],
      [...method, ...scheme, ...path],
      [...method, ...scheme, ...authority],
      [...method, ...scheme, ...authority, ':path', ''],
      [...method, ...scheme, ...authority, ':path', 'mcp'],
      [...method, ...scheme, ...authority, ':path', '/mcp#x'],
      [...all, ':path', '/connect/apps'],
      [...all, ':authority', 'evil.example'],
      [...all, ':method', 'POST'],
      [...all, ':scheme', 'https'],
      [...all, ':status', '200'],
      [...all, ':unknown', 'x'],
      [...method, ...scheme, ...path, 'x-a', 'b', ...authority],
      ['x-a', 'b', ...all],
      [...all, 'transfer-encoding', 'chunked'],
      [...all, 'connection', 'close'],
      [...all, 'upgrade', 'websocket'],
      [...all, 'te', 'gzip'],
      [...all, 'X-Upper', 'case'],
      [...all, 'x-space ', 'x'],
      [...all, ' x-space', 'x'],
      [...all, '', 'x'],
      [...all, 'x:colon', 'x'],
      [...all, 'x-lines', 'a\r\nx-quilt-user: eve'],
      [...all, 'x-null', 'a\0b'],
      [...all, 'x-cr', 'a\rb'],
      [...all, 'content-length', '5'],
      [...method, ...scheme, ':authority', `evil.example@${host}`, ...path],
      [...method, ...scheme, ':authority', `${host}, evil.example`, ...path],
      [...method, ...scheme, ':authority', '', ...path],
    ]
    for (const headers of odd) {
      const answer = await http2Frames(stack.origin, [...headers, ...authorization])
      assert.notEqual(answer, 'answered 200', headers.join(' '))
      assert.equal(reached(), reachedBefore, headers.join(' '))
    }
  })

  /** Refused, and no server behind Envoy got the request. */
  function refused(answer: EdgeAnswer | undefined, what = ''): void {
    const status = answer?.status ?? 0
    assert.ok(status === 0 || status >= 400, `${what}: ${status}`)
    assert.equal(reached(), reachedBefore, what)
  }

  function reached(): number {
    return stack.atPlatform.length + stack.atConsentUi.length
  }
})
