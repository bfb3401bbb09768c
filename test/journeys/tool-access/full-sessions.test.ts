import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { request as httpRequest, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { until } from '../../support/until.ts'
import { sharedAccessStack } from './support/access-stack.ts'
import { PROBE } from './support/answering-service.ts'
import { askList, type Asked } from './support/ask-list.ts'
import { READING_TOOL, request, toolCall } from './support/calls.ts'
import { envoyStats } from './support/envoy-stats.ts'
import { LISTS, response, sendJson } from './support/list-answers.ts'
import { send } from './support/send.ts'
import { beforeAll } from '../../support/before-all.ts'

const ALL = response(LISTS['tools/list'])
const CHUNKS = 4
const CHUNK_BYTES = 500_000

type Cost = Record<keyof typeof COUNTERS, number>

const COUNTERS = {
  firstChecks: 'ext_authz.authenticate.ok',
  secondChecks: 'ext_authz.tool_access.ok',
  /** Requests that the second filter let pass without asking. */
  unasked: 'ext_authz.tool_access.disabled',
  listStreams: 'ext_proc.list_filter.streams_started',
}

describe('The cost of a request', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedAccessStack())

  async function counted(): Promise<Cost> {
    const stats = await envoyStats(stack, 'http.connect.ext_')
    const values = Object.entries(COUNTERS).map(([name, at]) => [name, stats.get(`http.connect.${at}`) ?? 0])
    return Object.fromEntries(values) as Cost
  }

  async function costOf(action: () => Promise<unknown>): Promise<Cost> {
    const before = await counted()
    await action()
    const cost = await counted()
    for (const name of Object.keys(cost) as (keyof Cost)[]) cost[name] -= before[name]
    return cost
  }

  const EVERYTHING: readonly (readonly [what: string, asked: Omit<Asked, 'answer'>])[] = [
    ['a list', { message: request('tools/list') }],
    ['the start of a session', { message: request('initialize') }],
    ['a call', { message: toolCall(READING_TOOL) }],
    ['a stream', {}],
  ]

  for (const [what, asked] of EVERYTHING) {
    it(`is one check for ${what} of a full session`, async () => {
      const cost = await costOf(() =>
        askList(stack, stack.writer, { ...asked, answer: (to) => sendJson(to, ALL) }),
      )
      assert.deepEqual(cost, { firstChecks: 1, secondChecks: 0, unasked: 1, listStreams: 0 })
    })
  }

  it('is two checks for a call of a read-only session, whose answer is not filtered', async () => {
    const message = toolCall(READING_TOOL)
    const cost = await costOf(() =>
      askList(stack, stack.reader, { message, answer: (to) => sendJson(to, ALL) }),
    )
    assert.deepEqual(cost, { firstChecks: 1, secondChecks: 1, unasked: 0, listStreams: 0 })
  })

  it('is two checks and the filter for a list of a read-only session', async () => {
    const message = request('tools/list')
    const cost = await costOf(() =>
      askList(stack, stack.reader, { message, answer: (to) => sendJson(to, ALL) }),
    )
    assert.deepEqual(cost, { firstChecks: 1, secondChecks: 1, unasked: 0, listStreams: 1 })
  })

  it('is two checks and the filter for initialize in a read-only session, whose capabilities are filtered too', async () => {
    const message = request('initialize')
    const cost = await costOf(() =>
      askList(stack, stack.reader, { message, answer: (to) => sendJson(to, response('"capabilities":{}')) }),
    )
    assert.deepEqual(cost, { firstChecks: 1, secondChecks: 1, unasked: 0, listStreams: 1 })
  })

  it('is no filter for a refused call or an unknown caller', async () => {
    const refused = await costOf(() => send(stack, stack.reader, { body: request('tasks/run') }))
    assert.deepEqual(refused, { firstChecks: 1, secondChecks: 0, unasked: 0, listStreams: 0 })
    const unknown = await costOf(() => send(stack, { accessToken: 'x' }, { body: request('tools/list') }))
    assert.deepEqual(unknown, { firstChecks: 0, secondChecks: 0, unasked: 0, listStreams: 0 })
  })

  it('is no buffer for a full session: each chunk arrives before the next is sent', async () => {
    const probe = randomUUID()
    const headers = {
      authorization: `Bearer ${stack.writer.accessToken}`,
      'content-type': 'application/json',
      'content-length': CHUNKS * CHUNK_BYTES,
      [PROBE]: probe,
    }
    const outgoing = httpRequest(stack.mcpUrl, { method: 'POST', agent: false, headers })
    const answering = once(outgoing, 'response')
    const arrived = (): number => {
      const chunks = stack.answering.reachedBy(probe)[0]?.chunks ?? []
      return chunks.reduce((sum, { length }) => sum + length, 0)
    }
    for (let sent = 1; sent <= CHUNKS; sent += 1) {
      outgoing.write('x'.repeat(CHUNK_BYTES))
      await until(() => arrived() === sent * CHUNK_BYTES, `chunk ${sent}`)
    }
    outgoing.end()
    const [answer] = (await answering) as [IncomingMessage]
    assert.equal(answer.statusCode, 200)
    await text(answer)
  })

  it('is a buffer for a read-only session: nothing arrives before all was judged', async () => {
    const probe = randomUUID()
    const body = toolCall(READING_TOOL)
    const headers = {
      authorization: `Bearer ${stack.reader.accessToken}`,
      'content-type': 'application/json',
      'content-length': body.length,
      [PROBE]: probe,
    }
    const outgoing = httpRequest(stack.mcpUrl, { method: 'POST', agent: false, headers })
    const before = await counted()
    outgoing.write(body.slice(0, -1))
    await until(async () => (await counted()).firstChecks > before.firstChecks, 'the first check')
    assert.equal(stack.answering.reachedBy(probe).length, 0)
    outgoing.end(body.slice(-1))
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    assert.equal(answer.statusCode, 200)
    await text(answer)
    assert.equal(stack.answering.reachedBy(probe).length, 1)
  })

  it('is no buffer for events: each arrives before the next is sent, in every session', async () => {
    const { reader, writer } = stack
    for (const [user, message] of [
      [writer, toolCall(READING_TOOL)],
      [reader, toolCall(READING_TOOL)],
      [reader, undefined],
    ] as const) {
      await eventByEvent(user.accessToken, message)
    }
  })

  async function eventByEvent(accessToken: string, message: string | undefined): Promise<void> {
    const probe = randomUUID()
    const { promise: begun, resolve: begin } = Promise.withResolvers<Parameters<Asked['answer']>[0]>()
    stack.answering.answerWith(probe, (to) => begin(to))
    const method = message === undefined ? 'GET' : 'POST'
    const headers = {
      authorization: `Bearer ${accessToken}`,
      'content-type': 'application/json',
      [PROBE]: probe,
    }
    const outgoing = httpRequest(stack.mcpUrl, { method, agent: false, headers })
    outgoing.end(message)
    const service = await begun
    service.writeHead(200, { 'content-type': 'text/event-stream' })
    service.flushHeaders()
    const [answer] = (await once(outgoing, 'response')) as [IncomingMessage]
    answer.setEncoding('utf8')
    for (const event of [
      'data: {"jsonrpc":"2.0","method":"a"}\n\n',
      ': beat\n\n',
      'data: {"jsonrpc":"2.0","method":"b"}\n\n',
    ]) {
      const arrival = once(answer, 'data')
      service.write(event)
      assert.deepEqual(await arrival, [event])
    }
    service.end()
    await text(answer)
  }
})
