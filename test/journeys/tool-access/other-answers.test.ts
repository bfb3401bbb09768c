import assert from 'node:assert/strict'
import type { OutgoingHttpHeaders } from 'node:http'
import { PROTOCOLS } from '../../edge/support/ask.ts'
import { sharedAccessStack } from './support/access-stack.ts'
import { askList, type Asked, type Listed } from './support/ask-list.ts'
import { READING_TOOL, request, toolCall } from './support/calls.ts'
import { LISTS, response } from './support/list-answers.ts'
import { beforeAll } from '../../support/before-all.ts'

const NOTIFICATION = '{"jsonrpc":"2.0","method":"notifications/initialized"}'
const ELICITED = '{"jsonrpc":"2.0","id":"elicit-1","result":{"action":"accept","content":{"name":"Ada"}}}'
const DECLINED = '{"jsonrpc":"2.0","id":3,"error":{"code":-1,"message":"User rejected sampling request"}}'

type Written = readonly [what: string, headers: OutgoingHttpHeaders, body: string]

const ACCEPTED: readonly Written[] = [
  ['no content type, chunked', {}, ''],
  ['no content type, of length 0', { 'content-length': 0 }, ''],
  ['application/json, of length 0', { 'content-type': 'application/json', 'content-length': 0 }, ''],
  ['application/json, chunked', { 'content-type': 'application/json' }, ''],
  ['text/event-stream', { 'content-type': 'text/event-stream' }, ''],
  ['text/plain', { 'content-type': 'text/plain; charset=utf-8' }, ''],
  ['text/plain with a word', { 'content-type': 'text/plain' }, 'Accepted'],
  ['a word without a content type', {}, 'Accepted'],
  ['the JSON null', { 'content-type': 'application/json' }, 'null'],
]

const FAILURES: readonly (readonly [status: number, contentType: string | undefined, body: string])[] = [
  [400, 'application/json', '{"jsonrpc":"2.0","error":{"code":-32600,"message":"Bad Request"},"id":null}'],
  [
    404,
    'application/json',
    '{"jsonrpc":"2.0","error":{"code":-32001,"message":"Session not found"},"id":null}',
  ],
  [405, 'text/plain', 'Method Not Allowed'],
  [406, 'text/html', '<h1>Not Acceptable</h1>'],
  [500, undefined, 'no idea'],
  [501, 'application/json', 'not JSON'],
]

describe('Answers other than lists in a read-only session', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedAccessStack())

  const ask = (asked: Asked): Promise<Listed> => askList(stack, stack.reader, asked)
  const answering =
    (status: number, headers: OutgoingHttpHeaders, body: string): Asked['answer'] =>
    (to) => {
      to.writeHead(status, headers)
      to.end(body)
    }

  for (const protocol of PROTOCOLS) {
    for (const [what, headers, body] of ACCEPTED) {
      it(`have no body for a service's 202 with ${what}, over ${protocol}`, async () => {
        for (const message of [NOTIFICATION, ELICITED, DECLINED]) {
          const answer = await ask({ protocol, message, answer: answering(202, headers, body) })
          assert.deepEqual([answer.status, answer.body], [202, ''])
          assert.equal((await answer.reached[0]?.whole)?.toString(), message)
        }
      })
    }
  }

  for (const [status, contentType, body] of FAILURES) {
    it(`keep the service's ${status} with ${contentType ?? 'no content type'}`, async () => {
      const headers = contentType === undefined ? {} : { 'content-type': contentType }
      for (const message of [request('tools/list'), toolCall(READING_TOOL), undefined]) {
        const answer = await ask({
          ...(message === undefined ? {} : { message }),
          answer: answering(status, headers, body),
        })
        assert.deepEqual([answer.status, answer.contentType, answer.body], [status, contentType, body])
      }
    })
  }

  it('keep a JSON-RPC error unchanged in place of a list', async () => {
    const body =
      '{"jsonrpc":"2.0","id":7,"error":{"code":-32603,"message":"x","data":{"tools":[{"name":"y"}]}}}'
    const headers = { 'content-type': 'application/json' }
    const answer = await ask({ message: request('tools/list'), answer: answering(200, headers, body) })
    assert.deepEqual([answer.status, answer.body], [200, body])
  })

  it('keep the answer of a tool byte for byte, in any format', async () => {
    const answers: readonly Written[] = [
      [
        'a list in the result',
        { 'content-type': 'application/json' },
        response(`"a":{${LISTS['tools/list']}}`),
      ],
      [
        'JSON that only some parsers accept',
        { 'content-type': 'application/json' },
        response('"a":NaN,"a":1'),
      ],
      ['binary data', { 'content-type': 'application/octet-stream' }, '\0\x01'],
    ]
    for (const [what, headers, body] of answers) {
      const answer = await ask({ message: toolCall(READING_TOOL), answer: answering(200, headers, body) })
      assert.equal(answer.body, body, what)
    }
  })

  it('keep the MCP session id, and the answer to DELETE', async () => {
    const id = { 'content-type': 'application/json', 'mcp-session-id': 'session-1' }
    const answer = await ask({ message: request('initialize'), answer: answering(200, id, response('')) })
    assert.equal(answer.headers['mcp-session-id'], 'session-1')
    const ended = await ask({ method: 'DELETE', answer: answering(204, {}, '') })
    assert.deepEqual([ended.status, ended.body], [204, ''])
  })
})
