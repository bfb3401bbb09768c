import assert from 'node:assert/strict'
import type { RequestListener } from 'node:http'
import { ask, PROTOCOLS } from './support/ask.ts'
import { adaAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { beforeAll } from '../support/before-all.ts'

const LARGE = 'x'.repeat(10_000_000)

/** Broken or hostile answers of the Registry. */
const ODD_ANSWERS: Readonly<Record<string, RequestListener>> = {
  'an error': (_request, response) => response.writeHead(500).end('{}'),
  'a page': (_request, response) =>
    response.writeHead(200, { 'content-type': 'text/html' }).end('<html>ok</html>'),
  nothing: (_request, response) => response.writeHead(200).end(),
  'an empty object': (_request, response) => response.writeHead(200, json()).end('{}'),
  'a list': (_request, response) => response.writeHead(200, json()).end('[]'),
  null: (_request, response) => response.writeHead(200, json()).end('null'),
  'other types': (_request, response) =>
    response.writeHead(200, json()).end('{"current_user":{"name":"ada"},"is_active":"yes"}'),
  'half of an object': (_request, response) => response.writeHead(200, json()).end('{"current_user":"ada"'),
  'too much': (_request, response) => response.writeHead(200, json()).end(`{"current_user":"${LARGE}"}`),
  'a redirect': (_request, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end(),
  'a cut connection': (request) => request.socket.destroy(),
  'no HTTP': (request) => request.socket.end('this is no HTTP\r\n\r\n'),
  silence: () => undefined,
}

describe('An odd answer of the Registry', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => edgeStack())

  afterEach(() => {
    stack.registry.script = undefined
  })

  for (const [what, script] of Object.entries(ODD_ANSWERS)) {
    it(`G05: with ${what} fails only the request that it is about`, async () => {
      const { pid } = stack.process('authz')
      const { accessToken } = await adaAtTheEdge()
      stack.registry.script = script
      for (const protocol of PROTOCOLS) {
        // A key that authz has not cached.
        const key = `qk_${crypto.randomUUID().replaceAll('-', '')}`
        const failed = await ask(stack, protocol, { headers: [['authorization', `Bearer ${key}`]] })
        assert.equal(failed.answer.status, 503)
        assert.ok(failed.answer.headers.has('retry-after'))
        assert.deepEqual(failed.atPlatform, [])
        const other = await ask(stack, protocol, { headers: [['authorization', `Bearer ${accessToken}`]] })
        assert.equal(other.answer.status, 200)
      }
      assert.equal(stack.process('authz').pid, pid)
    })
  }
})

function json(): Record<string, string> {
  return { 'content-type': 'application/json' }
}
