import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { PROTOCOLS } from '../../edge/support/ask.ts'
import { sharedAccessStack } from './support/access-stack.ts'
import { askList, type Asked, type Listed } from './support/ask-list.ts'
import { CHANGING_TOOL, READING_TOOL, request, toolCall } from './support/calls.ts'
import {
  bigList,
  cut,
  LISTS,
  response,
  sendJson,
  sendPieces,
  SHOWN,
  type ListMethod,
} from './support/list-answers.ts'
import { beforeAll } from '../../support/before-all.ts'

const METHODS = Object.keys(LISTS) as ListMethod[]
const TOOLS = 'tools/list'
const ALL = response(LISTS[TOOLS])
const LEFT = response(SHOWN[TOOLS])
const event = (data: string, id = ''): string =>
  `${id === '' ? '' : `id: ${id}\n`}event: message\ndata: ${data}\n\n`
const MIB = 1_048_576

describe('A list in a read-only session', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedAccessStack())

  const ask = (asked: Asked): Promise<Listed> => askList(stack, stack.reader, asked)
  const askTools = (asked: Omit<Asked, 'message'>): Promise<Listed> =>
    ask({ message: request(TOOLS), ...asked })

  for (const protocol of PROTOCOLS) {
    it(`shows only what the session may use, as JSON, for every kind of list, over ${protocol}`, async () => {
      for (const method of METHODS) {
        const answer = await ask({
          protocol,
          message: request(method),
          answer: (to) => sendJson(to, response(LISTS[method])),
        })
        assert.deepEqual([answer.status, answer.body], [200, response(SHOWN[method])], method)
        assert.equal(answer.reached[0]?.headers['accept-encoding'], undefined)
      }
    })

    it(`shows the same as an event stream, event by event, over ${protocol}`, async () => {
      const progress = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":1}}'
      for (const method of METHODS) {
        const events = (list: string): string =>
          `: hello\n\n${event(progress, '1')}${event(response(list), '2')}`
        const answer = await ask({
          protocol,
          message: request(method),
          answer: (to) => sendPieces(to, 'text/event-stream', [events(LISTS[method])]),
        })
        assert.deepEqual([answer.status, answer.body], [200, events(SHOWN[method])], method)
      }
    })

    it(`declares only what the session may use in the answers to initialize and server/discover, over ${protocol}`, async () => {
      const declared = (more: string): string =>
        response(`"capabilities":{"logging":{},"resources":{"subscribe":true}${more}},"serverInfo":{}`)
      const tasks = ',"tasks":{"list":{},"requests":{"tools":{"call":{}}}}'
      for (const method of ['initialize', 'server/discover']) {
        const json = await ask({
          protocol,
          message: request(method),
          answer: (to) => sendJson(to, declared(tasks)),
        })
        assert.deepEqual([json.status, json.body], [200, declared('')], method)
        const events = await ask({
          protocol,
          message: request(method),
          answer: (to) => sendPieces(to, 'text/event-stream', [event(declared(tasks))]),
        })
        assert.deepEqual([events.status, events.body], [200, event(declared(''))], method)
      }
    })

    it(`is filtered when it arrives character by character, over ${protocol}`, async () => {
      const json = await askTools({
        protocol,
        answer: (to) => sendPieces(to, 'application/json', cut(ALL, 1)),
      })
      assert.equal(json.body, LEFT)
      const text = event(ALL).replaceAll('\n', '\r\n')
      const events = await askTools({
        protocol,
        answer: (to) => sendPieces(to, 'text/event-stream', cut(text, 1)),
      })
      assert.equal(events.body, event(LEFT).replaceAll('\n', '\r\n'))
    })

    it(`is filtered at almost two megabytes, over ${protocol}`, async () => {
      const all = response(bigList(1.9 * MIB))
      const json = await askTools({ protocol, answer: (to) => sendJson(to, all) })
      assert.equal(json.status, 200)
      assert.ok(json.body.length < 1200)
      assert.match(json.body, new RegExp(`"tools":\\[\\{"name":"${READING_TOOL}"`))
      const events = await askTools({
        protocol,
        answer: (to) => sendPieces(to, 'text/event-stream', [event(all)]),
      })
      assert.equal(events.body, event(json.body))
    })
  }

  it('is unchanged when the session may use all of it, however long it is', async () => {
    const entry = `{"name":"${READING_TOOL}","description":"${'x'.repeat(1000)}"}`
    const all = response(`"tools":[${Array.from({ length: 1900 }, () => entry).join(', ')}]`)
    const answer = await askTools({ answer: (to) => sendJson(to, all) })
    assert.equal(answer.body, all)
  })

  it('keeps its cursor and other members', async () => {
    const page = (list: string): string => response(`"nextCursor":"page 2",${list},"_meta":{"a":[1, 2]}`)
    const answer = await ask({
      message: request(TOOLS, { cursor: 'page 1' }),
      answer: (to) => sendJson(to, page(LISTS[TOOLS])),
    })
    assert.equal(answer.body, page(SHOWN[TOOLS]))
  })

  it('is filtered on a GET stream, resumed or new', async () => {
    for (const headers of [[['last-event-id', '1']], []] as const) {
      const answer = await ask({
        headers,
        answer: (to) => sendPieces(to, 'text/event-stream', cut(event(ALL, '2'), 10)),
      })
      assert.deepEqual([answer.status, answer.body], [200, event(LEFT, '2')])
    }
  })

  it('is not replayed for a POST with Last-Event-ID, which does not reach the service', async () => {
    for (const protocol of PROTOCOLS) {
      const answer = await ask({
        protocol,
        message: toolCall(READING_TOOL),
        headers: [['last-event-id', '1']],
        answer: (to) => sendPieces(to, 'text/event-stream', [event(ALL)]),
      })
      assert.equal(answer.status, 400)
      assert.match(answer.body, /"id":7,.*Last-Event-ID/)
      assert.equal(answer.reached.length, 0)
    }
  })

  it('in a full session, Last-Event-ID is removed from a POST and kept on a GET', async () => {
    const headers = [['Last-Event-ID', '1']] as const
    const answer: Asked['answer'] = (to) => sendJson(to, ALL)
    for (const message of [toolCall(READING_TOOL), undefined]) {
      const asked = { headers, answer, ...(message === undefined ? {} : { message }) }
      const { status, reached } = await askList(stack, stack.writer, asked)
      assert.equal(status, 200)
      assert.equal(reached[0]?.headers['last-event-id'], message === undefined ? '1' : undefined)
    }
  })

  it('is filtered in the answer to a notification or a response, too', async () => {
    for (const message of [
      '{"jsonrpc":"2.0","method":"notifications/initialized"}',
      '{"jsonrpc":"2.0","id":1,"result":{}}',
    ]) {
      const answer = await ask({ message, answer: (to) => sendPieces(to, 'text/event-stream', [event(ALL)]) })
      assert.equal(answer.body, event(LEFT))
    }
  })

  it('is filtered inside a batch', async () => {
    const answer = await askTools({ answer: (to) => sendJson(to, `[${ALL}]`) })
    assert.equal(answer.body, `[${LEFT}]`)
  })

  it('is unfiltered in a full session, and the request is unchanged', async () => {
    const answer = await askList(stack, stack.writer, {
      message: request(TOOLS),
      headers: [['accept-encoding', 'gzip']],
      answer: (to) => sendJson(to, ALL),
    })
    assert.equal(answer.body, ALL)
    assert.equal(answer.reached[0]?.headers['accept-encoding'], 'gzip')
  })

  it('passes with content-encoding identity, and when it is null', async () => {
    const headers = { 'content-encoding': 'identity' }
    const answer = await askTools({ answer: (to) => sendJson(to, ALL, headers) })
    assert.deepEqual([answer.status, answer.body], [200, LEFT])
    const none = response('"tools":null')
    assert.equal((await askTools({ answer: (to) => sendJson(to, none) })).body, none)
  })

  describe('that cannot be read', () => {
    function assertBlame(body: string): void {
      assert.match(body, /"id":7,"error":\{"code":-32603,"message":".*fault of the service/)
      assert.doesNotMatch(body, new RegExp(CHANGING_TOOL))
    }

    const encoded: Asked['answer'] = (to) => {
      to.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' })
      to.end(gzipSync(ALL))
    }

    it('is 502 when the service compressed it unasked', async () => {
      const answer = await askTools({ headers: [['accept-encoding', 'gzip']], answer: encoded })
      assert.equal(answer.reached[0]?.headers['accept-encoding'], undefined)
      assert.deepEqual([answer.status, answer.contentType], [502, 'application/json'])
      assertBlame(answer.body)
    })

    for (const type of [
      'text/html',
      'application/x-ndjson',
      'application/json; charset=utf-16',
      'multipart/mixed',
    ]) {
      it(`is 502 where it is ${type}`, async () => {
        const answer = await askTools({ answer: (to) => sendJson(to, ALL, { 'content-type': type }) })
        assert.equal(answer.status, 502)
        assert.doesNotMatch(answer.body, new RegExp(CHANGING_TOOL))
      })
    }

    const unreadable: readonly (readonly [what: string, text: string])[] = [
      ['has the list twice', response(`${SHOWN[TOOLS]},${LISTS[TOOLS]}`)],
      ['has it under another spelling', response(LISTS[TOOLS].replace('tools', 'Tools'))],
      ['ends too soon', ALL.slice(0, -2)],
      ['goes on after its end', `${LEFT}${ALL}`],
      ['is not UTF-8', ALL.replace('no name', '\xff')],
      ['is larger than two megabytes', response(bigList(2.3 * MIB))],
      ['is an object', response('"tools":{"0":{"name":"package_create"}}')],
      ['is the result itself', ALL.replace(/"result":.*/, '"result":[{"name":"package_create"}]}')],
    ]
    for (const [what, text] of unreadable) {
      it(`is 502 and nothing of it is shown when it ${what}`, async () => {
        const bytes = Buffer.from(text, 'latin1')
        const whole = await askTools({
          answer: (to) => {
            to.writeHead(200, { 'content-type': 'application/json', 'content-length': bytes.length })
            to.end(bytes)
          },
        })
        assert.deepEqual([whole.status, whole.contentType], [502, 'application/json'])
        assertBlame(whole.body)
        for (const [type, body] of [
          ['application/json', text],
          ['text/event-stream', event(text)],
        ] as const) {
          const pieces = [body.slice(0, 9), body.slice(9)].map((piece) => Buffer.from(piece, 'latin1'))
          const answer = await askTools({ answer: (to) => sendPieces(to, type, pieces) })
          // Its status may have been sent before it failed; then the error takes the place of the answer.
          assert.ok([200, 502].includes(answer.status), String(answer.status))
          assertBlame(answer.body)
        }
      })
    }
  })
})
