import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { connectedUser } from '../support/connected-user.ts'
import { rawRequest, type RawAnswer } from '../support/raw-request.ts'
import { sharedStack } from '../support/recorded-stack.ts'
import { scriptedService, type Exchange } from '../support/services/scripted-service.ts'
import { beforeAll } from '../../support/before-all.ts'

const MESSAGE = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'run' } })
/** Spaces and key order that no JSON writer of ours would make. */
const ERROR_BODY = '{"id": 1,\n  "error": {"message": "Unsupported", "code": -32022},  "jsonrpc": "2.0"}\n'

describe('Headers between a client and a service', function () {
  this.timeout(60_000)
  const service = scriptedService()

  const stack = beforeAll(() => sharedStack(service.listener))
  const user = beforeAll(() => connectedUser(stack, ADA))

  function send(method: string, headers: Record<string, string>, body?: string): Promise<RawAnswer> {
    const all = {
      authorization: `Bearer ${user.accessToken}`,
      'content-type': 'application/json',
      ...headers,
    }
    const length = body === undefined ? [] : ['content-length', String(Buffer.byteLength(body))]
    const sent = { method, headers: [...Object.entries(all).flat(), ...length] }
    return rawRequest(stack.mcpUrl, body === undefined ? sent : { ...sent, body })
  }

  /** @param session - where consent-ui, which lists the tools for its page, may send the same in its own */
  async function reached(name: string, answered: Promise<RawAnswer>, session?: string): Promise<Exchange> {
    const early = answered.then(({ status }) => Promise.reject(new Error(`it was answered ${status}`)))
    return await Promise.race([service.next(name, session), early])
  }

  const sentHeaders: Record<string, string> = {
    accept: 'application/json, text/event-stream',
    'mcp-protocol-version': '2026-07-28',
    'mcp-session-id': 'Session!~0',
    'mcp-method': 'tools/call',
    'mcp-name': '=?base64?WsO8cmljaA==?=',
    'mcp-param-region': 'eu-central-1',
    'mcp-param-two-words': 'two words',
    'mcp-param-empty': '',
  }

  it('reach the service as the client sent them, without the trace that it chose', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01'
    const answered = send('POST', { ...sentHeaders, traceparent }, MESSAGE)
    const call = await reached('tools/call', answered)
    for (const [name, value] of Object.entries(sentHeaders)) assert.equal(call.headers[name], value, name)
    assert.notEqual(call.headers.traceparent, traceparent)
    call.result({})
    assert.equal((await answered).status, 200)
  })

  it('reach the service when a stream is resumed and when a session is deleted', async () => {
    for (const [method, headers] of [
      ['GET', { 'mcp-session-id': 's', 'last-event-id': 'a/b:1=2', accept: 'text/event-stream' }],
      ['DELETE', { 'mcp-session-id': 's' }],
    ] as const) {
      const answered = send(method, headers)
      const exchange = await reached(method, answered, 's')
      for (const [name, value] of Object.entries(headers)) assert.equal(exchange.headers[name], value, name)
      exchange.answer(200, '')
      assert.equal((await answered).status, 200)
    }
  })

  it('reach the client as the service sent them, except those that a browser would keep for the whole host', async () => {
    const headers = {
      'mcp-session-id': 'Session!~0',
      'mcp-protocol-version': '2025-11-25',
      'cache-control': 'no-cache, no-transform',
      'x-accel-buffering': 'no',
    }
    const kept = {
      'set-cookie': 'a=b',
      'clear-site-data': '"cookies"',
      'alt-svc': 'h2="elsewhere.example:443"',
      nel: '{"report_to":"x","max_age":86400}',
      'report-to': '{"group":"x","max_age":86400,"endpoints":[{"url":"https://elsewhere.example"}]}',
    }
    const answered = send('POST', {}, MESSAGE)
    const call = await reached('tools/call', answered)
    call.result({}, { ...headers, ...kept })
    const answer = await answered
    for (const [name, value] of Object.entries(headers)) assert.equal(answer.headers[name], value, name)
    for (const name of Object.keys(kept)) assert.equal(answer.headers[name], undefined, name)
  })

  it('never make an answer a page of the Connect host', async () => {
    const answered = send('GET', {})
    const page = await reached('GET', answered)
    page.answer(200, '<script src="x"></script>', {
      'content-type': 'text/html',
      'content-security-policy': "script-src 'unsafe-inline'",
    })
    assert.equal((await answered).headers['content-security-policy'], 'sandbox')
  })

  // Clients tell the service's generation by these.
  for (const status of [400, 403, 404, 405, 406, 409, 415, 422, 429, 500, 503]) {
    it(`reach the client with the unchanged body of a ${status}`, async () => {
      const answered = send('POST', {}, MESSAGE)
      const call = await reached('tools/call', answered)
      call.answer(status, ERROR_BODY, {
        'content-type': 'application/json; charset=utf-8',
        'retry-after': '7',
      })
      const { status: received, headers, body } = await answered
      assert.equal(received, status)
      assert.equal(body, ERROR_BODY)
      assert.equal(headers['content-type'], 'application/json; charset=utf-8')
      assert.equal(headers['retry-after'], '7')
      assert.equal(headers['www-authenticate'], undefined)
    })
  }
})
