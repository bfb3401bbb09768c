import assert from 'node:assert/strict'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { pino } from 'pino'
import { registryClient } from '../../../core/quilt/registry-client.ts'
import { DroppedSpans } from '../../../core/tracing/dropped-spans.ts'
import { annotateSpan, inSpan, traceHeaders } from '../../../core/tracing/span.ts'
import { startTracing } from '../../../core/tracing/start-tracing.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { OtlpReceiver } from '../../support/otlp/otlp-receiver.ts'

const TRACE = '0af7651916cd43dd8448eb211c80319c'
const PARENT = 'b7ad6b7169203331'
const log = pino({ level: 'silent' })

describe('Tracing', () => {
  let receiver: OtlpReceiver
  let dropped: DroppedSpans
  let stop: () => Promise<void> = () => Promise.resolve()

  beforeEach(async () => {
    receiver = await OtlpReceiver.start()
    dropped = new DroppedSpans('authz')
    stop = await startTracing(receiver.endpoint, { service: 'a-service', dropped, log })
  })

  afterEach(() => stop())

  const served = (
    traceparent: string,
    work: () => Promise<unknown> = () => Promise.resolve(),
  ): Promise<unknown> => inSpan(() => ({ name: 'served', kind: 'server', traceparent }), work)

  it('continues the trace of the caller, and gives it on to the Registry', async () => {
    const asked: IncomingHttpHeaders[] = []
    const registry = createServer((request, response) => {
      asked.push(request.headers)
      response.end('{}')
    }).listen(0, '127.0.0.1')
    await once(registry, 'listening')
    closeAfterAll(() => void registry.close())
    const url = new URL(`http://127.0.0.1:${(registry.address() as AddressInfo).port}/api/me`)
    const send = registryClient(url, { timeoutMs: 3000, maxAnswerBytes: 1000 })
    await served(`00-${TRACE}-${PARENT}-01`, () => send({ method: 'GET', headers: {} }))
    await stop()

    const [question, answer] = receiver.spans
    assert.equal(answer?.service, 'a-service')
    assert.deepEqual([answer.name, answer.traceId, answer.parentSpanId], ['served', TRACE, PARENT])
    assert.ok(question !== undefined)
    assert.deepEqual([question.name, question.parentSpanId], ['Registry GET', answer.spanId])
    assert.equal(question.attributes.get('http.response.status_code'), '200')
    assert.equal(asked[0]?.traceparent, `00-${TRACE}-${question.spanId}-01`)
  })

  for (const traceparent of [
    '',
    'x',
    `00-${'0'.repeat(32)}-${PARENT}-01`,
    `00-${TRACE}-${'0'.repeat(16)}-01`,
    `00-${TRACE.toUpperCase()}-${PARENT}-01`,
    `00-${TRACE}-${PARENT}-01-more`,
  ]) {
    it(`begins its own trace when traceparent is "${traceparent}"`, async () => {
      await served(traceparent)
      await stop()
      assert.notEqual(receiver.spans[0]?.traceId, TRACE)
      assert.equal(receiver.spans[0]?.parentSpanId, '')
    })
  }

  it('exports nothing of a request that Envoy did not sample, and says so to the next server', async () => {
    await served(`00-${TRACE}-${PARENT}-00`, () => {
      assert.match(traceHeaders().traceparent ?? '', new RegExp(`^00-${TRACE}-[0-9a-f]{16}-00$`))
      return Promise.resolve()
    })
    await stop()
    assert.equal(receiver.spans.length, 0)
  })

  it('exports the name of an error, and not its message', async () => {
    const failing = served('', () => Promise.reject(new TypeError('a secret')))
    await assert.rejects(failing, TypeError)
    await stop()
    assert.equal(receiver.spans[0]?.attributes.get('error.type'), 'TypeError')
    assert.ok(!Buffer.concat(receiver.bodies).includes('a secret'))
  })

  it('bounds the spans that wait, and counts those that are dropped', async () => {
    const spans = 10_000
    for (let span = 0; span < spans; span += 1) void served('')
    await new Promise((resolve) => setImmediate(resolve))
    await stop()
    const lost = dropped.counts.count({ reason: 'queue_full' })
    assert.ok(lost > 0)
    assert.equal(receiver.spans.length + lost, spans)
    assert.equal(dropped.counts.count({ reason: 'export_failed' }), 0)
  })

  it('counts the spans of an export that fails', async () => {
    receiver.isBroken = true
    await served('')
    await served('')
    await stop()
    assert.equal(dropped.counts.count({ reason: 'export_failed' }), 2)
  })

  it('stops although the receiver never answers', async () => {
    const silent = createServer(() => undefined).listen(0, '127.0.0.1')
    await once(silent, 'listening')
    closeAfterAll(() => {
      silent.close()
      silent.closeAllConnections()
    })
    const endpoint = new URL(`http://127.0.0.1:${(silent.address() as AddressInfo).port}`)
    await stop()
    stop = await startTracing(endpoint, { service: 'a-service', dropped, log })
    await served('')
    const asked = once(silent, 'request')
    await Promise.all([stop(), asked])
  })

  it('does nothing without an endpoint', async () => {
    await stop()
    stop = await startTracing(undefined, { service: 'a-service', dropped, log })
    const describing = (): never => assert.fail('described')
    assert.equal(await inSpan(describing, () => Promise.resolve(7)), 7)
    annotateSpan(describing)
    assert.deepEqual(traceHeaders(), {})
  })
})
