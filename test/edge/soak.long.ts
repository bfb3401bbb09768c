import assert from 'node:assert/strict'
import fc from 'fast-check'
import { edgeStack } from './support/edge-stack.ts'
import { http1Bytes } from './support/http1.ts'
import { http2Frames } from './support/http2-frames.ts'
import { ask, SERVICE_TARGET } from './support/ask.ts'
import { beforeAll } from '../support/before-all.ts'

const SEED = 20_261_125
const REQUESTS = 300
const AT_ONCE = 10
/** Wait for the rest of a body that never comes. */
const MAX_SILENCE_MS = 300
const PARTS = ['envoy', 'authz', 'consent-ui'] as const

const latin1 = fc
  .array(fc.integer({ min: 0, max: 255 }), { maxLength: 40 })
  .map((bytes) => String.fromCharCode(...bytes))
const name = fc.oneof(
  fc.constantFrom(
    'authorization',
    'content-type',
    'content-length',
    'transfer-encoding',
    'cookie',
    'accept',
    'te',
  ),
  fc.constantFrom(
    'mcp-method',
    'mcp-name',
    'mcp-session-id',
    'mcp-protocol-version',
    'host',
    'connection',
    'expect',
  ),
  latin1,
)
const value = fc.oneof(
  fc.constantFrom(
    '',
    'Bearer x.y.z',
    'Bearer ',
    'Basic Og==',
    'application/json',
    'chunked',
    '0',
    '-1',
    '1e9',
    'close',
  ),
  fc.constantFrom('=?base64?Zm9v?=', '2026-07-28', 'text/event-stream', 'gzip', 'a,b', '"', 'x'.repeat(5000)),
  latin1,
)
const target = fc.oneof(
  fc.constantFrom(
    SERVICE_TARGET,
    '/mcp',
    '/connect/authorize?x',
    '/auth/token',
    '/auth/register',
    '/.well-known/x',
  ),
  latin1.map((text) => `/${text}`),
  latin1,
)
const method = fc.oneof(fc.constantFrom('GET', 'POST', 'DELETE', 'HEAD', 'OPTIONS', 'CONNECT'), latin1)
const body = fc.oneof(
  fc.constant(''),
  fc.constantFrom(
    '{}',
    '[]',
    '[[[[',
    '{"jsonrpc":"2.0","method":"tools/call"',
    '0\r\n\r\n',
    '5\r\nabc',
    '['.repeat(20_000),
  ),
  fc.json(),
  latin1,
)
const request = fc.record({
  method,
  target,
  headers: fc.array(fc.tuple(name, value), { maxLength: 6 }),
  body,
})

describe('Three hundred malformed requests', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => edgeStack())

  it('G16: get an answer or a closed connection each, reach no service without a token, and end no process', async () => {
    const pids = PARTS.map((part) => stack.process(part).pid)
    const reachedBefore = stack.atPlatform.length
    const host = `Host: ${new URL(stack.origin).host}`
    const samples = fc.sample(request, { seed: SEED, numRuns: REQUESTS })
    for (let at = 0; at < samples.length; at += AT_ONCE) {
      await Promise.all(
        samples.slice(at, at + AT_ONCE).map(async (sample) => {
          const lines = sample.headers.map((pair) => pair.join(': '))
          const head = [`${sample.method} ${sample.target} HTTP/1.1`, host, ...lines, 'Connection: close']
          const bytes = `${head.join('\r\n')}\r\n\r\n${sample.body}`
          await http1Bytes(stack.origin, bytes, { maxMs: MAX_SILENCE_MS })
          await http2Frames(stack.origin, [
            ...[':method', sample.method, ':scheme', 'http', ':authority', new URL(stack.origin).host],
            ...[':path', sample.target, ...sample.headers.flat()],
          ])
        }),
      )
    }
    assert.equal(stack.atPlatform.length, reachedBefore)
    assert.deepEqual(
      PARTS.map((part) => stack.process(part).pid),
      pids,
    )
    const next = await ask(stack, 'HTTP/2', {})
    assert.deepEqual([next.answer.status, next.questions.length], [401, 1])
    const page = await ask(stack, 'HTTP/2', { target: '/.well-known/oauth-authorization-server' })
    assert.equal(page.answer.status, 200)
  })
})
