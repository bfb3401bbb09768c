import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { ADA } from '../../deploy/demo/people.ts'
import { registryUrlOf, socketPath } from '../../deploy/local/context/addresses.ts'
import { beforeAll } from '../support/before-all.ts'
import type { ReceivedSpan } from '../support/otlp/otlp-receiver.ts'
import { ScrapedMetrics } from '../support/scraped-metrics.ts'
import { until } from '../support/until.ts'
import { connectedUser } from './support/connected-user.ts'
import { rawRequest, type RawAnswer } from './support/raw-request.ts'
import { sharedTracedStack } from './support/recorded-stack.ts'
import { createApiKey } from './support/registry-keys.ts'

const CLIENTS_TRACE = '11111111111111111111111111111111'
const PING = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/list', params: {} })

describe('Traces of the running stack', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedTracedStack())
  const user = beforeAll(() => connectedUser(stack, ADA, 'Read only'))
  const apiKey = beforeAll(async () => {
    assert.equal((await user.ask()).status, 200)
    const { authorization = '' } = stack.service.requests.at(-1) ?? {}
    return { secret: await createApiKey(registryUrlOf(stack.context), authorization) }
  })

  async function ask(credential: string): Promise<RawAnswer> {
    const headers = ['content-type', 'application/json', 'accept', 'application/json, text/event-stream']
    headers.push('content-length', String(PING.length), 'authorization', `Bearer ${credential}`)
    headers.push('traceparent', `00-${CLIENTS_TRACE}-2222222222222222-01`)
    headers.push('tracestate', 'vendor=client', 'baggage', 'user=client')
    return await rawRequest(stack.mcpUrl, { method: 'POST', headers, body: PING })
  }

  async function spanOf(matches: (span: ReceivedSpan) => boolean, what: string): Promise<ReceivedSpan> {
    await until(() => stack.receiver.spans.some(matches), what)
    const found = stack.receiver.spans.find(matches)
    assert.ok(found !== undefined)
    return found
  }

  const parentOf = async (span: ReceivedSpan): Promise<ReceivedSpan> =>
    await spanOf(({ spanId }) => spanId === span.parentSpanId, `the parent of ${span.name}`)

  it("hold Envoy's, authz's and the Registry's spans of one request, under Envoy's and not the client's", async () => {
    const answer = await ask(apiKey.secret)
    assert.equal(answer.status, 200)
    const question = await spanOf(
      ({ service, attributes }) => service === 'connect-authz' && attributes.get('url.path') === '/graphql',
      'the question to the Registry',
    )
    assert.equal(question.name, 'Registry POST')
    const check = await parentOf(question)
    assert.deepEqual([check.service, check.name], ['connect-authz', 'check authenticate'])
    assert.equal(check.attributes.get('connect.verdict'), 'allow')
    const call = await parentOf(check)
    assert.equal(call.service, 'connect-envoy')
    const root = await parentOf(call)
    assert.deepEqual([root.service, root.name, root.parentSpanId], ['connect-envoy', 'ingress', ''])
    for (const { traceId } of [check, call, root]) assert.equal(traceId, question.traceId)
    assert.notEqual(root.traceId, CLIENTS_TRACE)

    const id = String(answer.headers['x-request-id'])
    const lineOf = (): string | undefined =>
      stack.lines.find((line) => line.startsWith('envoy {') && line.includes(id))
    await until(() => lineOf() !== undefined, 'the line of the access log')
    assert.ok(lineOf()?.includes(`"trace":"${root.traceId}"`), lineOf())
  })

  it("hold the list filter's span, under Envoy's of the same request", async () => {
    assert.equal((await ask(user.accessToken)).status, 200)
    const filter = await spanOf(({ name }) => name === 'list_filter', 'the span of the list filter')
    assert.equal(filter.service, 'connect-authz')
    assert.equal(filter.attributes.get('connect.service'), 'platform')
    assert.equal(filter.attributes.get('connect.outcome'), 'filtered')
    const call = await parentOf(filter)
    assert.deepEqual([call.service, call.traceId], ['connect-envoy', filter.traceId])
    assert.match(call.name, /ExternalProcessor\.Process/)
  })

  it("give the service Envoy's trace, and none of what the client sent", async () => {
    assert.equal((await ask(user.accessToken)).status, 200)
    const { traceparent = '', ...headers } = stack.service.requests.at(-1) ?? {}
    assert.match(String(traceparent), /^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
    assert.ok(!String(traceparent).includes(CLIENTS_TRACE))
    assert.equal(headers.baggage, undefined)
    assert.ok(!JSON.stringify(headers).includes('client=') && headers.tracestate !== 'vendor=client')
  })

  it('hold a token request with its Redis scripts, and the questions to the Registry and the identity provider', async () => {
    const token = await spanOf(({ name }) => name === 'POST /auth/token', 'the token request')
    assert.equal((await parentOf(token)).service, 'connect-envoy')
    const childOf = (parent: ReceivedSpan, child: string): Promise<ReceivedSpan> =>
      spanOf(({ name, parentSpanId }) => name === child && parentSpanId === parent.spanId, child)
    await childOf(token, 'Redis eval')
    await childOf(
      await spanOf(({ name }) => name === 'GET /connect/callback', 'the sign-in'),
      'identity provider POST',
    )
    await childOf(
      await spanOf(({ name }) => name === 'POST /connect/authorize/:id', 'the consent'),
      'Registry GET',
    )
    const exchange = await spanOf(
      ({ attributes }) => attributes.get('url.path') === '/api/token-exchange',
      'the exchange',
    )
    assert.equal((await parentOf(exchange)).name, 'GET /connect/authorize/:id')
  })

  it('hold no token, code, person, id of a transaction, path or query', async () => {
    const { access_token: accessToken = '', refresh_token: refreshToken = '' } = user.memory.tokens() ?? {}
    const code = user.callback.visits[0]?.get('code') ?? ''
    await spanOf(({ name }) => name === 'POST /connect/authorize/:id', 'the consent')
    const bodies = Buffer.concat(stack.receiver.bodies).toString('latin1')
    const person = [ADA.email, `"${ADA.quilt.name}"`]
    for (const secret of [
      accessToken,
      refreshToken,
      code,
      user.memory.codeVerifier(),
      apiKey.secret,
      ...person,
    ]) {
      assert.ok(secret.length > 4 && !bodies.includes(secret), secret)
    }
    assert.doesNotMatch(bodies, /code=|state=|\/connect\/authorize\/[\w-]{8}/)
    for (const { attributes } of stack.receiver.spans) {
      assert.match(attributes.get('http.url') ?? 'http://localhost', /^http:\/\/[^/]+$/)
    }
  })

  it('answer requests while the receiver fails, and count the spans that are lost', async () => {
    stack.receiver.isBroken = true
    try {
      assert.equal((await ask(user.accessToken)).status, 200)
      const lost = 'connect_authz_dropped_spans_total{reason="export_failed"}'
      await until(async () => ((await authzMetrics()).valueOf(lost) ?? 0) > 0, 'a lost span')
      assert.equal((await ask(user.accessToken)).status, 200)
    } finally {
      stack.receiver.isBroken = false
    }
  })

  async function authzMetrics(): Promise<ScrapedMetrics> {
    const asked = request({ socketPath: socketPath(stack.context, 'authz-metrics'), path: '/metrics' })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    return new ScrapedMetrics(await text(response))
  }
})
