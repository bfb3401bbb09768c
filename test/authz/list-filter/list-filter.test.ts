import assert from 'node:assert/strict'
import fc from 'fast-check'
import { status as grpcStatus } from '@grpc/grpc-js'
import { startFilter, type Conversation, type FilterClient, type Response } from './support/filter-client.ts'
import { bodyMessage, bodyMessages, headersMessage, type AnswerHeaders } from './support/messages.ts'

const ALL = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"bucket_list"},{"name":"package_create"}]}}'
const LEFT = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"bucket_list"}]}}'
const LARGEST_ANSWER_BYTES = 8 * 1_048_576

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
  let filter: FilterClient

  before(async () => {
    filter = await startFilter()
  })

  beforeEach(() => {
    filter.lines.length = 0
  })

  const sayAnswer = (
    headers: AnswerHeaders,
    pieces: readonly (string | Uint8Array)[],
  ): Promise<Conversation> => filter.say([headersMessage(headers), ...bodyMessages(pieces)])

  it('answers every message with one, in order, and ends after Envoy does', async () => {
    const { responses, ended } = await sayAnswer({}, [ALL.slice(0, 40), ALL.slice(40), ''])
    assert.equal(ended, undefined)
    assert.deepEqual(
      responses.map(({ response }) => response),
      ['response_headers', 'response_body', 'response_body', 'response_body'],
    )
    assert.equal(sentOn(responses), LEFT)
  })

  it('empties the chunks that nothing is sent for, as Envoy would send on what was not touched', async () => {
    const { responses } = await sayAnswer({}, [ALL.slice(0, 40), ALL.slice(40)])
    const [, first] = responses
    assert.deepEqual(first?.response_body?.response?.body_mutation?.clear_body, true)
  })

  it('takes an answer of eight megabytes in one piece, which a quick service’s is', async () => {
    const padding = ' '.repeat(LARGEST_ANSWER_BYTES - ALL.length)
    const { responses } = await sayAnswer({}, [ALL + padding])
    assert.equal(sentOn(responses), LEFT + padding)
    assert.equal((await sayAnswer({}, [`${ALL + padding} `])).ended, grpcStatus.INTERNAL)
  })

  for (const headers of [
    { status: '404' },
    { status: '500' },
    { status: '302' },
    { status: '413' },
    { endOfStream: true },
  ]) {
    it(`lets an answer pass that holds no list: ${JSON.stringify(headers)}`, async () => {
      const { responses } = await filter.say([headersMessage({ contentType: ['text/plain'], ...headers })])
      assert.deepEqual(responses[0]?.mode_override, {
        request_header_mode: 2,
        response_header_mode: 1,
        response_body_mode: 0,
        request_trailer_mode: 2,
        response_trailer_mode: 2,
      })
    })
  }

  it('sends nothing but the status of a 202', async () => {
    for (const contentType of [[], ['text/plain'], ['application/json'], ['text/event-stream']]) {
      const { responses } = await sayAnswer({ status: '202', contentType }, [ALL, `data: ${ALL}\n\n`])
      assert.equal(sentOn(responses), '')
    }
  })

  it('sends an answer of no type on where there is nothing in it, and fails where there is', async () => {
    const { responses } = await sayAnswer({ contentType: [] }, [''])
    assert.equal(sentOn(responses), '')
    assert.equal((await sayAnswer({ contentType: [] }, [ALL])).ended, grpcStatus.INTERNAL)
  })

  for (const headers of [
    { contentType: ['text/html'] },
    { contentType: ['application/json', 'application/json'] },
    { contentEncoding: ['gzip'] },
    { contentType: [], contentEncoding: ['br'] },
  ]) {
    it(`refuses an answer that it cannot read: ${JSON.stringify(headers)}`, async () => {
      const { responses } = await filter.say([headersMessage(headers)])
      const { status, body } = responses[0]?.immediate_response ?? {}
      assert.equal(status?.code, 502)
      assert.match(String(body), /"code":-32603/)
      assert.equal(filter.lines.length, 1)
    })
  }

  for (const [what, service] of [
    ['nobody', undefined],
    ['a service that there is not', 'nowhere'],
    ['a plain HTTP service', 'files'],
    ['a name that every object has', 'constructor'],
  ]) {
    it(`fails where the first check named ${what}`, async () => {
      const { responses, ended } = await sayAnswer({ service }, [ALL])
      assert.deepEqual([responses, ended], [[], grpcStatus.INTERNAL])
    })
  }

  for (const [what, messages] of [
    ['a body without headers', [bodyMessage(ALL, true)]],
    ['a body after an answer that passes', [headersMessage({ status: '404' }), bodyMessage(ALL, true)]],
    ['a body after a refusal', [headersMessage({ contentType: ['text/html'] }), bodyMessage(ALL, true)]],
    ['nothing', [{}]],
    ['more after the end', [headersMessage(), bodyMessage(ALL, true), bodyMessage(ALL, true)]],
  ] as const) {
    it(`fails where it is told ${what}`, async () => {
      const { ended } = await filter.say(messages)
      assert.equal(ended, grpcStatus.INTERNAL)
    })
  }

  it('says why it failed, and for whom, and nothing of the answer', async () => {
    await sayAnswer({}, [ALL.slice(0, -1)])
    const [line] = filter.lines
    assert.match(String(line?.reason), /can't be filtered: syntax/)
    assert.deepEqual([line?.service, line?.subject, line?.client], ['platform', 'ada', 'client-1'])
    assert.doesNotMatch(JSON.stringify(filter.lines), /bucket_list|package_create/)
  })

  it('R4: leaves no chunk as it is and never ends before Envoy with OK, whatever an answer is', async () => {
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
