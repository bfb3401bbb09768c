import assert from 'node:assert/strict'
import fc from 'fast-check'
import { status as grpcStatus } from '@grpc/grpc-js'
import { startFilter, type Conversation, type Response } from '../list-filter/support/filter-client.ts'
import {
  bodyMessage,
  bodyMessages,
  headersMessage,
  type AnswerHeaders,
} from '../list-filter/support/messages.ts'
import { beforeAll } from '../../support/before-all.ts'

const ALL = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"bucket_list"},{"name":"package_create"}]}}'
const LEFT = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"bucket_list"}]}}'
const MAX_DOCUMENT_BYTES = 2 * 1_048_576

/** What Envoy would send on, of these answers to a body. */
function sentOn(responses: readonly Response[]): string {
  return responses
    .map(({ response_body }) => response_body?.response?.body_mutation?.body?.toString() ?? '')
    .join('')
}

/** Envoy would send on what it was told nothing about. */
function replacesItsChunk({ response_body }: Response): boolean {
  const { clear_body, body = '' } = response_body?.response?.body_mutation ?? {}
  return clear_body === true || body.length > 0
}

describe('The list filter', () => {
  const filter = beforeAll(() => startFilter())

  beforeEach(() => {
    filter.lines.length = 0
  })

  const sayAnswer = (
    headers: AnswerHeaders,
    pieces: readonly (string | Uint8Array)[],
  ): Promise<Conversation> => filter.send([headersMessage(headers), ...bodyMessages(pieces)])

  it('answers each message with one, in order, and ends after Envoy', async () => {
    const { responses, ended } = await sayAnswer({}, [ALL.slice(0, 40), ALL.slice(40), ''])
    assert.equal(ended, undefined)
    assert.deepEqual(
      responses.map(({ response }) => response),
      ['response_headers', 'response_body', 'response_body', 'response_body'],
    )
    assert.equal(sentOn(responses), LEFT)
  })

  it('clears chunks with nothing to send, as Envoy would send them unchanged', async () => {
    const { responses } = await sayAnswer({}, [ALL.slice(0, 40), ALL.slice(40)])
    const [, first] = responses
    assert.deepEqual(first?.response_body?.response?.body_mutation?.clear_body, true)
  })

  it('accepts an answer of 2 MiB in one chunk, and refuses a larger one', async () => {
    const padding = ' '.repeat(MAX_DOCUMENT_BYTES - ALL.length)
    const { responses } = await sayAnswer({}, [ALL + padding])
    assert.equal(sentOn(responses), LEFT + padding)
    assertRefused(await sayAnswer({}, [`${ALL + padding} `]))
    assertRefused(await sayAnswer({}, [ALL + ' '.repeat(8 * 1_048_576 - ALL.length)]))
    const contentLength = [String(MAX_DOCUMENT_BYTES + 1)]
    assertRefused(await filter.send([headersMessage({ contentLength })]))
    const { responses: exact } = await filter.send([
      headersMessage({ contentLength: [String(MAX_DOCUMENT_BYTES)] }),
    ])
    assert.equal(exact[0]?.response, 'response_headers')
  })

  /** As Envoy hands it over where the body came with the headers. */
  const whole = (body: string): readonly string[] => [body]
  /** As Envoy hands it over when the status has been sent. */
  const inPieces = (body: string): readonly string[] => [body.slice(0, 20), body.slice(20), '', '']
  const sse = (body: string): string => `data: ${body}\n\n`

  const UNREADABLE = [
    '{"jsonrpc":"2.0","id":1,"result":{"tools":{"0":{"name":"package_create"}}}}',
    '{"jsonrpc":"2.0","id":1,"result":[{"name":"package_create"}]}',
    ALL.replace('"tools"', '"Tools"'),
    `${LEFT.slice(0, -2)},"tools":[{"name":"package_create"}]}}`,
    '"package_create"',
    'package_create',
    '[[]]',
    `${LEFT}${ALL}`,
  ] as const
  for (const body of UNREADABLE) {
    it(`answers 502 for an answer that cannot be filtered: ${body}`, async () => {
      for (const [contentType, text] of [
        ['application/json', body],
        ['text/event-stream', sse(body)],
      ] as const) {
        assertRefused(await sayAnswer({ contentType: [contentType], rpcId: '"a"' }, whole(text)), '"a"')

        const { responses, ended } = await sayAnswer(
          { contentType: [contentType], rpcId: '"a"' },
          inPieces(text),
        )
        assert.equal(ended, undefined)
        const sent = sentOn(responses).replace(/^event: message\ndata: (.*)\n\n$/, '$1')
        assertBlame(JSON.parse(sent), 'a')
        assert.ok(responses.slice(1).every(replacesItsChunk))
      }
    })
  }

  it('cuts off an unreadable GET stream', async () => {
    const { responses, ended } = await sayAnswer({ contentType: ['text/event-stream'] }, [
      sse(LEFT),
      sse('x'),
      '',
    ])
    assert.equal(sentOn(responses), sse(LEFT))
    assert.equal(ended, grpcStatus.INTERNAL)
  })

  function assertRefused({ responses, ended }: Conversation, id = 'null'): void {
    assert.equal(ended, undefined)
    const { status, body } = responses.at(-1)?.immediate_response ?? {}
    assert.equal(status?.code, 502)
    assertBlame(JSON.parse(String(body)), JSON.parse(id))
  }

  function assertBlame(answer: unknown, id: unknown): void {
    const { error, ...rest } = answer as { error: { code: number; message: string } }
    assert.deepEqual(rest, { jsonrpc: '2.0', id })
    assert.equal(error.code, -32603)
    assert.match(error.message, /fault of the service; trying again does not help/)
  }

  for (const headers of [
    { status: '404' },
    { status: '500' },
    { status: '302' },
    { status: '413' },
    { endOfStream: true },
  ]) {
    it(`passes on an answer without lists: ${JSON.stringify(headers)}`, async () => {
      const { responses } = await filter.send([headersMessage({ contentType: ['text/plain'], ...headers })])
      assert.deepEqual(responses[0]?.mode_override, {
        request_header_mode: 2,
        response_header_mode: 1,
        response_body_mode: 0,
        request_trailer_mode: 2,
        response_trailer_mode: 2,
      })
    })
  }

  it('drops the body of a 202', async () => {
    for (const contentType of [[], ['text/plain'], ['application/json'], ['text/event-stream']]) {
      const { responses } = await sayAnswer({ status: '202', contentType }, [ALL, `data: ${ALL}\n\n`])
      assert.equal(sentOn(responses), '')
    }
  })

  it('passes on an empty answer without Content-Type, and refuses one with a body', async () => {
    const { responses } = await sayAnswer({ contentType: [] }, [''])
    assert.equal(sentOn(responses), '')
    assertRefused(await sayAnswer({ contentType: [] }, [ALL]))
  })

  for (const headers of [
    { contentType: ['text/html'] },
    { contentType: ['application/json', 'application/json'] },
    { contentEncoding: ['gzip'] },
    { contentType: [], contentEncoding: ['br'] },
  ]) {
    it(`refuses an unreadable answer: ${JSON.stringify(headers)}`, async () => {
      const { responses } = await filter.send([headersMessage(headers)])
      const { status, body } = responses[0]?.immediate_response ?? {}
      assert.equal(status?.code, 502)
      assert.match(String(body), /"code":-32603/)
      assert.equal(filter.lines.length, 1)
    })
  }

  for (const [what, service] of [
    ['no service', undefined],
    ['an unknown service', 'nowhere'],
    ['a plain HTTP service', 'files'],
    ['a member of Object.prototype', 'constructor'],
  ]) {
    it(`fails when authenticate named ${what}`, async () => {
      const { responses, ended } = await sayAnswer({ service }, [ALL])
      assert.deepEqual([responses, ended], [[], grpcStatus.INTERNAL])
    })
  }

  for (const [what, messages] of [
    ['a body without headers', [bodyMessage(ALL, true)]],
    ['a body after an answer that passes', [headersMessage({ status: '404' }), bodyMessage(ALL, true)]],
    ['a body after a refusal', [headersMessage({ contentType: ['text/html'] }), bodyMessage(ALL, true)]],
    ['an empty message', [{}]],
    ['a message after the end', [headersMessage(), bodyMessage(ALL, true), bodyMessage(ALL, true)]],
  ] as const) {
    it(`fails after ${what}`, async () => {
      const { ended } = await filter.send(messages)
      assert.equal(ended, grpcStatus.INTERNAL)
    })
  }

  it('logs the reason, the user and the client, and nothing of the answer', async () => {
    await sayAnswer({}, [ALL.slice(0, -1)])
    const [line] = filter.lines
    assert.match(String(line?.reason), /cannot be filtered: syntax/)
    assert.deepEqual([line?.to_service, line?.subject, line?.client], ['platform', 'ada', 'client-1'])
    assert.doesNotMatch(JSON.stringify(filter.lines), /bucket_list|package_create/)
  })

  it('replaces every chunk, and never ends with OK before Envoy, for any answer', async () => {
    const tools = fc.array(fc.constantFrom('bucket_list', 'package_create', 'x'), { maxLength: 4 })
    const text = tools.map((names) => ALL.replace(/\[.*\]/, JSON.stringify(names.map((name) => ({ name })))))
    const answer = fc.record({
      status: fc.constantFrom('200', '200', '201', '202', '206', '299'),
      contentType: fc.subarray(['application/json', 'text/event-stream', 'text/html'], { maxLength: 2 }),
      body: fc.oneof(
        text,
        text.map((json) => `data: ${json}\n\n`),
        fc.string(),
        fc.constant(''),
      ),
      pieces: fc.integer({ min: 1, max: 5 }),
    })
    await fc.assert(
      fc.asyncProperty(answer, async ({ body, pieces, ...headers }) => {
        const size = Math.ceil(body.length / pieces) || 1
        const parts = Array.from({ length: pieces }, (_, at) => body.slice(at * size, (at + 1) * size))
        const { responses, ended } = await sayAnswer(headers, parts)
        assert.notEqual(ended, grpcStatus.OK)
        assert.ok(responses.every(({ mode_override }) => mode_override === undefined))
        const chunks = responses.filter(({ response }) => response === 'response_body')
        assert.ok(chunks.every(replacesItsChunk))
        assert.doesNotMatch(sentOn(responses), /package_create/)
      }),
      { numRuns: 300, seed: 6 },
    )
  })
})
