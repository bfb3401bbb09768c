import assert from 'node:assert/strict'
import { UnreadableListError } from '../../../authz/list-filter/unreadable-list-error.ts'
import { READ } from '../read-access/support/corpus.ts'
import { createListRewriter, rewrite, rewriteText } from '../read-access/support/rewrite.ts'

const MIB = 1_048_576

const answer = (...names: string[]): string =>
  `{"jsonrpc":"2.0","id":1,"result":{"tools":[${names.map((name) => `{"name":"${name}"}`).join(',')}]}}`
const HIDDEN = answer('package_create', 'search_objects')
const SHOWN = answer('search_objects')
const PROGRESS = '{"jsonrpc":"2.0","method":"notifications/progress","params":{"progress":0.50}}'

const sse = (text: string): string => rewriteText(READ, 'event_stream', text)

describe('The list filter for event streams', () => {
  for (const [name, eol] of [
    ['LF', '\n'],
    ['CRLF', '\r\n'],
    ['CR', '\r'],
  ] as const) {
    it(`filters an event and keeps its other lines, with line endings of ${name}`, () => {
      const stream = (data: string): string =>
        [': hello', 'event: message', 'id: 7', `data: ${data}`, 'retry: 10', '', ''].join(eol)
      assert.equal(sse(stream(HIDDEN)), stream(SHOWN))
    })
  }

  it('reads data on several lines with different line endings', () => {
    const text = `data: {"jsonrpc":"2.0","id":1,\r\ndata:"result":{"tools":\rid: 7\ndata: [{"name":"x"}]\ndata:}}\n\n`
    assert.equal(
      sse(text),
      `data: {"jsonrpc":"2.0","id":1,\r\ndata: "result":{"tools":\r\ndata: []\r\ndata: }}\r\nid: 7\n\n`,
    )
  })

  it('sends an unchanged event byte for byte', () => {
    const text = `\r\n: ping\n\nid: 1\ndata\n\nid: 2\ndata:\n\nretry: 5\r\n\r\nevent: message\ndata:${PROGRESS}\n\ndata:  ${SHOWN}\r\rid\nother: x\n\n`
    assert.equal(sse(text), text)
  })

  it('filters each of several events', () => {
    assert.equal(
      sse(`data: ${HIDDEN}\n\ndata: ${PROGRESS}\n\ndata: ${HIDDEN}\n\n`),
      `data: ${SHOWN}\n\ndata: ${PROGRESS}\n\ndata: ${SHOWN}\n\n`,
    )
  })

  it('keeps a byte order mark at the beginning', () => {
    assert.equal(sse(`\ufeffdata: ${HIDDEN}\n\n`), `\ufeffdata: ${SHOWN}\n\n`)
  })

  it('never sends an unfinished event', () => {
    for (const rest of [
      'data: {}',
      'data: {}\n',
      'data: {}\r',
      'data: {}\r\n',
      ': x',
      'id: 7\n: x\n',
      '\ufeff: x\n',
    ]) {
      assert.equal(sse(`data: ${PROGRESS}\n\n${rest}`), `data: ${PROGRESS}\n\n`, JSON.stringify(rest))
    }
  })

  it('sends an event as soon as it has ended, also after a CR that LF may follow', () => {
    const rewriter = createListRewriter(READ, 'event_stream')
    const feed = (text: string): string => Buffer.from(rewriter.feed(Buffer.from(text))).toString()
    assert.equal(feed(`data: ${HIDDEN}\r`), '')
    assert.equal(feed('\n'), '')
    assert.equal(feed('\r'), `data: ${SHOWN}\r\n\r`)
    assert.equal(feed('\n'), '\n')
    assert.equal(feed('\n'), '\n')
    assert.equal(feed(`data: ${PROGRESS}\n\ndata: {`), `data: ${PROGRESS}\n\n`)
    assert.equal(rewriter.end().length, 0)
  })

  it('sends keep-alive comments at once, but not from inside an event', () => {
    const rewriter = createListRewriter(READ, 'event_stream')
    const feed = (text: string): string => Buffer.from(rewriter.feed(Buffer.from(text))).toString()
    assert.equal(feed(':\r\n'), ':\r\n')
    assert.equal(feed(': ping\n: pong\r'), ': ping\n: pong\r')
    assert.equal(feed('\n'), '\n')
    assert.equal(feed('id: 7\n: x\n'), '')
    assert.equal(feed(`data: ${PROGRESS}\n\n`), `id: 7\n: x\ndata: ${PROGRESS}\n\n`)
    assert.equal(feed(':\n'), ':\n')
  })

  it('finds the end of an event with different line endings', () => {
    for (const event of [
      `id: a\rid: b\n\n`,
      `id: a\r\nid: b\r\r`,
      `id: a\nid: b\r\n\n`,
      `id: a\rid: b\r\n\r`,
      `\r\n`,
      `\n`,
    ]) {
      const rewriter = createListRewriter(READ, 'event_stream')
      assert.equal(Buffer.from(rewriter.feed(Buffer.from(event))).toString(), event, JSON.stringify(event))
    }
  })

  const unreadable: Record<string, string> = {
    'an event that is no JSON': 'event: x\ndata: hello\n\n',
    'an event with two lists': 'data: {"result":{"tools":[],"tools":[{"name":"x"}]}}\n\n',
    'a field that some take for data': `Data: ${HIDDEN}\n\n`,
    'a field data with a space after it': `data : ${HIDDEN}\n\n`,
    'a field whose name is longer than any': `${'x'.repeat(257)}\n\n`,
    'a field whose name lies outside ASCII': `d\u00e4ta: ${HIDDEN}\n\n`,
    'a byte order mark before a later event': `data: ${PROGRESS}\n\n\ufeffdata: ${HIDDEN}\n\n`,
    'a byte order mark in the data': `data: \ufeff${HIDDEN}\n\n`,
  }
  for (const [what, text] of Object.entries(unreadable)) {
    it(`sends nothing of ${what}`, () => {
      const rewriter = createListRewriter(READ, 'event_stream')
      assert.throws(() => rewriter.feed(Buffer.from(text)), UnreadableListError)
      assert.throws(() => rewriter.feed(Buffer.from('\n\n')), UnreadableListError)
    })
  }

  it('sends nothing of invalid UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('data: {"a":"'), Buffer.of(0xc3), Buffer.from('"}\n\n')])
    assert.throws(() => rewrite(READ, 'event_stream', [bytes]), UnreadableListError)
  })

  it('holds at most 2 MiB of an event', () => {
    const rewriter = createListRewriter(READ, 'event_stream')
    rewriter.feed(Buffer.alloc(2 * MIB, ':'))
    assert.throws(() => rewriter.feed(Buffer.from(':')), UnreadableListError)
  })

  it('reads 100,000 lines of an event and refuses more', () => {
    const rewriter = createListRewriter(READ, 'event_stream')
    const event = Buffer.from(`${'id\n'.repeat(99_999)}\n`)
    assert.deepEqual(Buffer.from(rewriter.feed(event)), event)
    assert.deepEqual(Buffer.from(rewriter.feed(event)), event, 'each event by itself')
    assert.throws(() => rewriter.feed(Buffer.from('id\n'.repeat(100_001))), UnreadableListError)
  })

  it('accepts many small events that exceed the limit together', () => {
    const event = Buffer.from(`data: ${JSON.stringify({ jsonrpc: '2.0', method: 'x'.repeat(MIB / 2) })}\n\n`)
    const rewriter = createListRewriter(READ, 'event_stream')
    for (let count = 0; count < 20; count += 1) assert.deepEqual(Buffer.from(rewriter.feed(event)), event)
  })
})
