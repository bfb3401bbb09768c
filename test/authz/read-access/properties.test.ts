import assert from 'node:assert/strict'
import fc from 'fast-check'
import { judgeAccess } from '../../../authz/read-access/judge-access.ts'
import type { ListFormat } from '../../../authz/list-filter/answer-splitter.ts'
import type { ReadAccess } from '../../../authz/read-access/judge-call.ts'
import { UnreadableListError } from '../../../authz/list-filter/unreadable-list-error.ts'
import { requestOf } from './support/corpus.ts'
import { cutAt, rewrite } from './support/rewrite.ts'

const SEED = 6

/** Names that look alike, hold what JSON or a stream of events gives a meaning, or are no names at all. */
const name = fc.oneof(
  fc.constantFrom(
    ...['search', 'Search', 'search ', 'ｓearch', 'sеarch', 'search\0', 'search\n', '', '__proto__'],
    ...['toString', 'data: x', '\r\n\r\n', '"]}', '\u2028', '\ufeff', '日本', '😀', '=?base64?YQ==?='],
  ),
  fc.string({ unit: 'grapheme', maxLength: 6 }),
)
const eol = fc.constantFrom('\n', '\r\n', '\r')
const cuts = fc.array(fc.nat({ max: 2_000 }), { maxLength: 12 })

const LISTS = [
  { list: 'tools', key: 'name', method: 'tools/call' },
  { list: 'prompts', key: 'name', method: 'prompts/get' },
  { list: 'resources', key: 'uri', method: 'resources/read' },
] as const

/** Tools among the names, and some of the methods. */
const readAccess = (names: readonly string[]): fc.Arbitrary<ReadAccess> =>
  fc.record({
    tools: fc.subarray([...names, 'other']).map((tools) => new Set(tools)),
    methods: fc
      .subarray(['tools/call', 'prompts/get', 'resources/read', 'tools/list'])
      .map((methods) => new Set(methods)),
  })

const isCallAllowed = (read: ReadAccess, method: string, params: object): boolean => {
  const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
  return judgeAccess(read, requestOf({ bytes, headers: {} })).outcome === 'allowed'
}

describe('Lists and calls', () => {
  const scenario = fc
    .record({ names: fc.uniqueArray(name, { maxLength: 8 }), kind: fc.constantFrom(...LISTS) })
    .chain((parts) => fc.record({ parts: fc.constant(parts), read: readAccess(parts.names) }))
  const framing = fc.record({ cuts, eol, indent: fc.constantFrom(undefined, 1), isBatch: fc.boolean() })

  for (const format of ['json', 'event_stream'] satisfies ListFormat[]) {
    it(`agree: an entry is listed only if it may be used, and the reverse (${format})`, () => {
      let listedAtAll = 0
      let hiddenAtAll = 0
      fc.assert(
        fc.property(scenario, framing, ({ parts: { names, kind }, read }, { cuts, eol, indent, isBatch }) => {
          const entries = names.map((each) => ({ title: 't', [kind.key]: each, n: 1.5 }))
          const message = { jsonrpc: '2.0', id: 1, result: { [kind.list]: entries, nextCursor: 'c' } }
          const json = JSON.stringify(isBatch ? [message] : message, undefined, indent)
          const sent =
            format === 'json'
              ? json
              : json
                  .split('\n')
                  .map((line) => `data: ${line}${eol}`)
                  .join('') + eol
          const received = rewrite(read, format, cutAt(Buffer.from(sent), cuts)).toString('utf8')
          const text = format === 'json' ? received : messagesIn(received).join()

          const allowed = names.filter((each) => isCallAllowed(read, kind.method, { [kind.key]: each }))
          const kept = entries.filter((entry) => allowed.includes(String(entry[kind.key])))
          const expected = { ...message, result: { [kind.list]: kept, nextCursor: 'c' } }
          assert.deepEqual(JSON.parse(text), isBatch ? [expected] : expected)
          listedAtAll += allowed.length
          hiddenAtAll += names.length - allowed.length
        }),
        { seed: SEED, numRuns: 500 },
      )
      assert.ok(listedAtAll > 200 && hiddenAtAll > 200, `${listedAtAll} listed, ${hiddenAtAll} hidden`)
    })
  }
})

describe('The chunks of an answer', () => {
  const read = { tools: new Set(['search']), methods: new Set(['tools/call']) }
  const list = '{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"search"},{"name":"日本😀"}]}}'
  const fragment = fc.oneof(
    {
      weight: 3,
      arbitrary: fc.constantFrom(`data: ${list}`, `data:${list}`, 'data: {"jsonrpc":"2.0",', 'data: "a":1}'),
    },
    { weight: 6, arbitrary: eol },
    { weight: 3, arbitrary: fc.tuple(eol, eol).map(([one, other]) => one + other) },
    {
      weight: 2,
      arbitrary: fc.constantFrom(': é', 'id: 7', 'event: message', 'data', 'retry: 1', '', '\ufeff'),
    },
    { weight: 1, arbitrary: fc.constantFrom('data: no', 'Data: {}') },
  )

  /** What was sent, or that nothing more would be. */
  const outcome = (format: ListFormat, chunks: readonly Uint8Array[]): string => {
    try {
      return rewrite(read, format, chunks).toString('hex')
    } catch (error) {
      assert.ok(error instanceof UnreadableListError)
      return 'unreadable'
    }
  }

  it('do not change the result for an event stream', () => {
    const outcomes = { sent: 0, unreadable: 0 }
    fc.assert(
      fc.property(fc.array(fragment, { maxLength: 14 }), cuts, (fragments, places) => {
        const bytes = Buffer.from(fragments.join(''))
        const whole = outcome('event_stream', [bytes])
        assert.equal(outcome('event_stream', cutAt(bytes, places)), whole)
        assert.equal(
          outcome(
            'event_stream',
            Array.from(bytes, (byte) => Buffer.of(byte)),
          ),
          whole,
        )
        outcomes[whole === 'unreadable' ? 'unreadable' : 'sent'] += whole === '' ? 0 : 1
      }),
      { seed: SEED, numRuns: 1_000 },
    )
    assert.ok(outcomes.sent > 100 && outcomes.unreadable > 50, JSON.stringify(outcomes))
  })

  it('do not change the result for JSON', () => {
    fc.assert(
      fc.property(cuts, (places) => {
        const bytes = Buffer.from(list)
        assert.equal(outcome('json', cutAt(bytes, places)), outcome('json', [bytes]))
      }),
      { seed: SEED, numRuns: 100 },
    )
  })

  it('leave a stream client with the same events, without forbidden entries', () => {
    const line = fc.tuple(fragment, eol).map(([text, end]) => text + end)
    let hidden = 0
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }), cuts, (lines, places) => {
        const stream = lines.join('')
        const sent = outcome('event_stream', cutAt(Buffer.from(stream), places))
        if (sent === 'unreadable') return
        const without = list.replace(',{"name":"日本😀"}', '')
        const events = messagesIn(stream).map((data) => data.replace(list, without))
        assert.deepEqual(messagesIn(Buffer.from(sent, 'hex').toString('utf8')), events)
        hidden += events.includes(without) ? 1 : 0
      }),
      { seed: SEED, numRuns: 1_200 },
    )
    assert.ok(hidden > 100, String(hidden))
  })
})

/** The data of every event that ends, as a client reads it (WHATWG HTML 9.2.6). */
function messagesIn(stream: string): string[] {
  const messages: string[] = []
  let data: string[] = []
  // What follows the last line end is no line.
  for (const line of stream
    .replace(/^\ufeff/, '')
    .split(/\r\n|\r|\n/)
    .slice(0, -1)) {
    if (line === 'data') data.push('')
    if (line.startsWith('data:')) data.push(line.slice('data:'.length).replace(/^ /, ''))
    if (line !== '') continue
    const message = data.join('\n')
    if (message !== '') messages.push(message)
    data = []
  }
  return messages
}
