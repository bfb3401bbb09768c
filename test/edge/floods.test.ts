import assert from 'node:assert/strict'
import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { connect } from 'node:net'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { ask, PROTOCOLS, SERVICE_TARGET, type EdgeRequest, type Protocol } from './support/ask.ts'
import { authorizationAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { http1 } from './support/http1.ts'
import { http2, http2Session, pseudoHeaders } from './support/http2.ts'
import { beforeAll } from '../support/before-all.ts'
import { until } from '../support/until.ts'

type Header = readonly [name: string, value: string]

const MAX_GROWTH_KB = 60_000
/** Far more resets than Envoy accepts (a burst of 1000, then 33 a second). */
const MAX_STREAMS = 20_000
const FORM: Header = ['content-type', 'application/x-www-form-urlencoded']

describe('Floods at Envoy', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => edgeStack())
  let authorization: Header

  before(async () => {
    authorization = await authorizationAtTheEdge()
  })

  for (const protocol of PROTOCOLS) {
    it(`E07: over ${protocol}: Envoy refuses headers above 48 KiB or more than 80, and keeps no memory for them`, async () => {
      const floods: readonly (readonly Header[])[] = [
        [['cookie', 'a'.repeat(64_000)]],
        [['x-big', 'a'.repeat(64_000)]],
        Array.from({ length: 100 }, (_, at): Header => [`x-many-${at}`, '1']),
        // Each cookie pair in its own header line (RFC 9113 section 8.2.3, CVE-2026-47774).
        Array.from({ length: 200 }, (_, at): Header => ['cookie', `c${at}=1`]),
        Array.from({ length: 60 }, (_, at): Header => ['cookie', `c${at}=${'x'.repeat(1000)}`]),
      ]
      for (const headers of floods) await refused(protocol, { headers: [authorization, ...headers] })
      const before = await residentKb()
      for (let round = 0; round < 20; round += 1) {
        await Promise.all(floods.map((headers) => ask(stack, protocol, { headers })))
      }
      const grown = (await residentKb()) - before
      assert.ok(grown < MAX_GROWTH_KB, `grew by ${grown} KB`)
      assert.equal((await ask(stack, protocol, { headers: [authorization] })).answer.status, 200)
    })
  }

  it('E07: the access log has only the beginning of a long path, and of a long method', async () => {
    const path = `/mcp/${'a'.repeat(40_000)}`
    await http2(stack.origin, pseudoHeaders(stack.origin, path, 'M'.repeat(4000)))
    const lineOf = () => stack.lines.find((line) => line.startsWith('envoy {') && line.includes('/mcp/aaa'))
    await until(() => lineOf() !== undefined, 'the line of the access log')
    const line = lineOf() ?? ''
    assert.ok(
      line.includes(`"path":"${path.slice(0, 512)}"`) && line.includes(`"method":"${'M'.repeat(32)}"`),
      line,
    )
  })

  it('E07: Envoy refuses two megabytes of cookies in one HTTP/2 request', async () => {
    const crumbs = Array.from({ length: 2000 }, (_, at) => ['cookie', `c${at}=${'x'.repeat(1000)}`]).flat()
    const before = stack.atPlatform.length
    const answer = await http2(stack.origin, [
      ...pseudoHeaders(stack.origin, SERVICE_TARGET),
      ...authorization,
      ...crumbs,
    ]).catch(() => undefined)
    assert.notEqual(answer?.status, 200)
    assert.equal(stack.atPlatform.length, before)
  })

  it('E07: Envoy closes a connection that opens and resets streams without end (CVE-2023-44487)', async () => {
    const session = http2Session(stack.origin)
    const { promise: gone, resolve } = Promise.withResolvers<undefined>()
    session.on('goaway', () => resolve(undefined))
    session.on('close', () => resolve(undefined))
    const opened = { count: 0 }
    const open = (): void => {
      for (let burst = 0; burst < 50 && !session.closed && !session.destroyed; burst += 1) {
        const stream = session.request([...pseudoHeaders(stack.origin, '/mcp')])
        stream.on('error', () => undefined)
        stream.close(8)
        opened.count += 1
      }
      if (opened.count < MAX_STREAMS && !session.closed && !session.destroyed) setImmediate(open)
    }
    open()
    await gone
    session.destroy()
    assert.ok(opened.count < MAX_STREAMS, String(opened.count))
    assert.equal((await ask(stack, 'HTTP/2', {})).answer.status, 401)
  })

  it('E07: one HTTP/2 connection has at most a hundred streams', async () => {
    const session = http2Session(stack.origin)
    await once(session, 'remoteSettings')
    assert.equal(session.remoteSettings.maxConcurrentStreams, 100)
    assert.equal(session.remoteSettings.initialWindowSize, 65_536)
    session.destroy()
  })

  for (const protocol of PROTOCOLS) {
    it(`E09: over ${protocol}: Envoy refuses a body above the limit of consent-ui, and forwards one of that size`, async () => {
      for (const target of [
        '/auth/token',
        '/auth/register',
        '/auth/revoke',
        '/connect/authorize',
        '/token',
      ]) {
        const { answer, atConsentUi } = await ask(stack, protocol, {
          method: 'POST',
          target,
          headers: [FORM],
          body: `x=${'a'.repeat(200_000)}`,
        })
        assert.equal(answer.status, 413, target)
        assert.deepEqual(atConsentUi, [], target)
      }
      const { answer, atConsentUi } = await ask(stack, protocol, {
        method: 'POST',
        target: '/auth/token',
        headers: [FORM],
        body: `grant_type=${'a'.repeat(60_000)}`,
      })
      assert.deepEqual([answer.status, atConsentUi.length], [400, 1])
    })

    it(`E09: over ${protocol}: consent-ui does not decompress a body`, async () => {
      const bomb = gzipSync(Buffer.alloc(10_000_000, 'a')).toString('latin1').slice(0, 60_000)
      for (const encoding of ['gzip', 'deflate', 'br', 'zstd', 'gzip, gzip']) {
        const headers: Header[] = [FORM, ['content-encoding', encoding]]
        const { answer } = await ask(stack, protocol, {
          method: 'POST',
          target: '/auth/token',
          headers,
          body: bomb,
        })
        assert.equal(answer.status, 415, encoding)
      }
    })

    it(`E09: over ${protocol}: consent-ui checks the length of sealed values before it opens them`, async () => {
      const long = 'A'.repeat(40_000)
      const tokens = [
        long,
        `${long}.${long.slice(0, 3000)}.x`,
        `${Buffer.from('{"alg":"dir","zip":"DEF"}').toString('base64url')}.${'A'.repeat(9000)}.x`,
      ]
      for (const token of tokens) {
        const { answer, atPlatform } = await ask(stack, protocol, {
          headers: [['authorization', `Bearer ${token}`]],
        })
        assert.equal(answer.status, 401)
        assert.deepEqual(atPlatform, [])
      }
      const client = await ask(stack, protocol, {
        target: `/connect/authorize?client_id=${'A'.repeat(10_000)}`,
      })
      assert.equal(client.answer.status, 400)
      const refresh = await ask(stack, protocol, {
        method: 'POST',
        target: '/auth/token',
        headers: [FORM],
        body: `grant_type=refresh_token&client_id=x&refresh_token=${long}`,
      })
      assert.ok([400, 401].includes(refresh.answer.status), String(refresh.answer.status))
    })
  }

  it('E09: Envoy refuses endless chunks at the same limit', async () => {
    const chunk = `${(60_000).toString(16)}\r\n${'a'.repeat(60_000)}\r\n`
    const before = stack.atConsentUi.length
    const answer = await http1(stack.origin, {
      method: 'POST',
      target: '/auth/token',
      lines: [FORM.join(': '), 'Transfer-Encoding: chunked'],
      body: chunk.repeat(5),
    })
    assert.equal(answer.status, 413)
    assert.equal(stack.atConsentUi.length, before)
  })

  it('E09: a client that announces a body and never sends it delays no other client', async () => {
    const host = new URL(stack.origin).host
    const idle = Array.from({ length: 50 }, () => {
      const socket = connect(Number(new URL(stack.origin).port), '127.0.0.1')
      socket.on('error', () => undefined)
      socket.write(`POST /auth/token HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 60000\r\n\r\nx`)
      return socket
    })
    await Promise.all(idle.map((socket) => once(socket, 'connect')))
    assert.equal((await ask(stack, 'HTTP/1.1', { headers: [authorization] })).answer.status, 200)
    for (const socket of idle) socket.destroy()
  })

  async function refused(protocol: Protocol, { headers = [], ...request }: EdgeRequest): Promise<void> {
    const name = randomUUID()
    const answer = await ask(stack, protocol, { ...request, headers: [...headers, ['x-flood', name]] }).then(
      (asked) => asked.answer.status,
      () => 0,
    )
    assert.ok([0, 400, 431].includes(answer), String(answer))
    assert.ok(!stack.atPlatform.some((received) => received.headers['x-flood'] === name))
  }

  async function residentKb(): Promise<number> {
    const { stdout } = await promisify(execFile)('ps', [
      '-o',
      'rss=',
      '-p',
      String(stack.process('envoy').pid),
    ])
    return Number(stdout)
  }
})
