import assert from 'node:assert/strict'
import { beforeAll } from '../support/before-all.ts'
import { until } from '../support/until.ts'
import { ask, PROTOCOLS, valuesUnder } from './support/ask.ts'
import { authorizationAtTheEdge, edgeStack } from './support/edge-stack.ts'

type Line = Record<string, unknown>

/** Another trace for each test; as an AWS load balancer writes it. */
function newTrace(): { id: string; header: readonly [string, string] } {
  const id = `1-67891233-${crypto.randomUUID().replaceAll('-', '').slice(0, 24)}`
  return { id, header: ['x-amzn-trace-id', `Self=1-67891234-12456789abcdef012345678;Root=${id}`] }
}

describe('The trace id of the load balancer', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => edgeStack())

  function linesOf(part: string, id: string): Line[] {
    return stack.lines
      .filter((line) => line.startsWith(`${part} {`) && line.includes(id))
      .map((line) => JSON.parse(line.slice(part.length + 1)) as Line)
      .filter(({ request }) => request === id)
  }

  async function lineOf(part: string, id: string): Promise<Line> {
    await until(() => linesOf(part, id).length > 0, `a line of ${part} with ${id}`)
    return linesOf(part, id)[0] ?? {}
  }

  it('is the request in the logs of Envoy, authz, consent-ui and the Registry', async () => {
    const { id, header } = newTrace()
    const key = `qk_${crypto.randomUUID().replaceAll('-', '')}`
    const { answer } = await ask(stack, 'HTTP/1.1', { headers: [header, ['authorization', `Bearer ${key}`]] })
    const body = JSON.stringify({ client_name: 'Traced', redirect_uris: ['http://localhost/cb'] })
    const registration = await ask(stack, 'HTTP/1.1', {
      method: 'POST',
      target: '/auth/register',
      headers: [header, ['content-type', 'application/json']],
      body,
    })
    assert.equal(registration.answer.status, 201)

    assert.equal((await lineOf('envoy', id)).x_request_id, answer.headers.get('x-request-id')?.[0])
    await until(() => linesOf('authz', id).some(({ decision }) => decision !== undefined), 'authz')
    assert.equal((await lineOf('consent-ui', id)).message, 'client registered')
    assert.equal((await lineOf('registry', id)).path, '/graphql')
    await until(() => linesOf('envoy', id).length === 2, 'both lines of Envoy')
  })

  for (const protocol of PROTOCOLS) {
    it(`stays on the request to the service over ${protocol}`, async () => {
      const { header } = newTrace()
      const { atPlatform } = await ask(stack, protocol, { headers: [header, await authorizationAtTheEdge()] })
      assert.deepEqual(valuesUnder(atPlatform[0]?.rawHeaders ?? [], 'x-amzn-trace-id'), [header[1]])
    })
  }

  it('counts only in the form of AWS; else the request is Envoy’s own id everywhere', async () => {
    const { id } = newTrace()
    for (const trace of [`Root=${id}"x`, `root=${id}`, `Root=${id.toUpperCase()}`, id]) {
      const { answer } = await ask(stack, 'HTTP/1.1', { headers: [['x-amzn-trace-id', trace]] })
      const own = answer.headers.get('x-request-id')?.[0] ?? ''
      assert.equal((await lineOf('envoy', own)).x_request_id, own)
      assert.equal((await lineOf('authz', own)).message, 'request denied')
    }
    assert.deepEqual([...linesOf('envoy', id), ...linesOf('authz', id)], [])
  })
})
