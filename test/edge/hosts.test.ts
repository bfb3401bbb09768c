import assert from 'node:assert/strict'
import { ask } from './support/ask.ts'
import { authorizationAtTheEdge, edgeStack } from './support/edge-stack.ts'
import { http1, type EdgeAnswer } from './support/http1.ts'
import { beforeAll } from '../support/before-all.ts'

type Header = readonly [name: string, value: string]

describe('The host that a request names', function () {
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

  it('E01: Envoy refuses a request unless Host is exactly the Connect host', async () => {
    const { host, port } = new URL(stack.origin)
    for (const ours of [host, 'localhost', 'LOCALHOST', 'localhost.', `localhost:1${port.slice(1)}`]) {
      const { answer, atPlatform } = await ask(stack, 'HTTP/1.1', {
        headers: [authorization, ['host', ours]],
      })
      assert.deepEqual([answer.status, atPlatform.length], [200, 1], ours)
    }
    reachedBefore = reached()
    const odd = ['', '*', 'evil.example', '127.0.0.1', '[::1]', '[::1', ':80', `localhost@evil.example`]
    odd.push(
      `evil.example@${host}`,
      `${host}, evil.example`,
      'localhost evil.example',
      'localhost/mcp',
      'localhost#',
    )
    odd.push(
      'localhost?',
      'localhost%00',
      'localhost\\',
      'localhost..',
      'xlocalhost',
      'localhostx',
      'local\xe9host',
    )
    for (const value of odd) {
      refused(
        await http1(stack.origin, { target: '/mcp', lines: [`Host: ${value}`, authorization.join(': ')] }),
        value,
      )
    }
    for (const both of [
      [host, 'evil.example'],
      ['evil.example', host],
      [host, host],
    ]) {
      const lines = both.map((value) => `Host: ${value}`)
      refused(
        await http1(stack.origin, { target: '/mcp', lines: [...lines, authorization.join(': ')] }),
        lines.join(),
      )
    }
  })

  it('E01: over HTTP/2 only :authority counts, and not Host', async () => {
    const headers: Header[] = [authorization, ['host', 'evil.example']]
    const { answer, atPlatform, questions } = await ask(stack, 'HTTP/2', { headers })
    if (answer.status === 200) {
      assert.deepEqual(questions[0]?.values(':authority'), ['localhost'])
      assert.ok(!atPlatform[0]?.rawHeaders.includes('evil.example'))
    } else refused(answer)
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
