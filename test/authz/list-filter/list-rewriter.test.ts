import assert from 'node:assert/strict'
import { listFormatOf } from '../../../authz/list-filter/answer-splitter.ts'
import { UnreadableListError } from '../../../authz/list-filter/unreadable-list-error.ts'
import { READ } from '../read-access/support/corpus.ts'
import { createListRewriter, rewrite, rewriteText } from '../read-access/support/rewrite.ts'

const MIB = 1_048_576

const json = (text: string): string => rewriteText(READ, 'json', text)
const result = (members: string): string => `{"jsonrpc":"2.0","id":1,"result":{${members}}}`
const NO_PROMPTS = { tools: READ.tools, methods: new Set(['tools/list', 'tools/call', 'prompts/list']) }

describe('The list filter for JSON', () => {
  it('keeps allowed tools unchanged', () => {
    const kept = '{"name" : "search_objects","inputSchema":{"type":"object"},"n":1.50e+2}'
    assert.equal(
      json(result(`"tools":[{"name":"package_create"}, ${kept} ,{"name":"x"}],"nextCursor":"a"`)),
      result(`"tools":[${kept}],"nextCursor":"a"`),
    )
  })

  it('keeps ids and numbers that JavaScript would change, and all other text', () => {
    const around = (tools: string): string =>
      ` {\r\n"jsonrpc":"2.0","result":{"a":0.10,"b":12345678901234567890,"tools":${tools},"c":-0,"d":1E5} ,\t"id":9007199254740993}\n`
    assert.equal(json(around('[ {"name":"x"} ]')), around('[]'))
  })

  it('does not change an answer with only allowed tools', () => {
    const text = result('"tools": [ {"name":"search_objects"} ]')
    assert.equal(json(text), text)
  })

  const dropped = [
    '"search_objects"',
    'null',
    '["search_objects"]',
    '{}',
    '{"name":null}',
    '{"name":["search_objects"]}',
    '{"title":"search_objects"}',
    '{"Name":"search_objects"}',
    '{"name":"search_objects","Name":"package_create"}',
    '{"name":"search_objects\\u0000"}',
    '{"name":"package_create"}',
    '{"__proto__":{"name":"search_objects"}}',
  ]
  for (const entry of dropped) {
    it(`drops the tool ${entry}`, () => {
      assert.equal(json(result(`"tools":[${entry}]`)), result('"tools":[]'))
    })
  }

  it('filters each list by the method that uses its entries', () => {
    const lists =
      '"resources":[{"uri":"a:b"},{"name":"n"},{"uri":1}],"resourceTemplates":[{"uriTemplate":"a:{b}"},{"uri":"a:b"}],"prompts":[{"name":"p"},{}]'
    assert.equal(
      json(result(lists)),
      result(
        '"resources":[{"uri":"a:b"}],"resourceTemplates":[{"uriTemplate":"a:{b}"}],"prompts":[{"name":"p"}]',
      ),
    )
    assert.equal(
      rewriteText(NO_PROMPTS, 'json', result(lists)),
      result('"resources":[],"resourceTemplates":[],"prompts":[]'),
    )
  })

  it('filters several lists in any order', () => {
    const lists = (tools: string): string =>
      `"resources":[1],"prompts":[{"name":"p"},2],"tools":${tools},"resourceTemplates":[3],"n":1`
    assert.equal(
      json(result(lists('[{"name":"x"}]'))),
      result('"resources":[],"prompts":[{"name":"p"}],"tools":[],"resourceTemplates":[],"n":1'),
    )
  })

  it('filters lists in a batch', () => {
    const text = `[${result('"tools":[{"name":"x"}]')},{"jsonrpc":"2.0","method":"notifications/progress"},${result('"prompts":[1]')}]`
    assert.equal(
      json(text),
      `[${result('"tools":[]')},{"jsonrpc":"2.0","method":"notifications/progress"},${result('"prompts":[]')}]`,
    )
  })

  const untouched = {
    'the result of a call': result(
      '"content":[{"type":"text","text":"x"}],"structuredContent":{"tools":[{"name":"x"}]}',
    ),
    'tools in the answer of a tool, which are data': result('"contents":[{"tools":[{"name":"x"}]}]'),
    'an error':
      '{"jsonrpc":"2.0","id":1,"error":{"code":-32601,"message":"no","data":{"tools":[{"name":"x"}]}}}',
    'a question of the service':
      '{"jsonrpc":"2.0","id":1,"method":"sampling/createMessage","params":{"tools":[{"name":"x"}]}}',
    'an empty batch': '[]',
    'a list that is null': result('"tools":null'),
    'a result that is null': '{"jsonrpc":"2.0","id":1,"result":null}',
  }
  for (const [what, text] of Object.entries(untouched)) {
    it(`does not change ${what}`, () => assert.equal(json(text), text))
  }

  const unreadable: Record<string, string> = {
    nothing: '',
    'half an answer': '{"jsonrpc":"2.0","result":{"tools":[',
    'two answers': `${result('')}${result('')}`,
    'no JSON': 'data: {}',
    'a text': '"x"',
    'a batch in a batch': '[[{"result":{"tools":[{"name":"x"}]}}]]',
    'a result that is a list': '{"jsonrpc":"2.0","id":1,"result":[{"name":"x"}]}',
    'a result that is a text': '{"jsonrpc":"2.0","id":1,"result":"x"}',
    'a list that is not an array': result('"tools":{"0":{"name":"x"}}'),
    'two lists of tools': result('"tools":[],"tools":[{"name":"x"}]'),
    'two results': '{"jsonrpc":"2.0","id":1,"result":{},"result":{"tools":[{"name":"x"}]}}',
    'Tools beside tools': result('"tools":[],"Tools":[{"name":"x"}]'),
    'toolſ alone': result('"toolſ":[{"name":"x"}]'),
    'Result beside result': '{"jsonrpc":"2.0","id":1,"result":{},"Result":{"tools":[{"name":"x"}]}}',
    'a tool with two names': result('"tools":[{"name":"search_objects","name":"x"}]'),
    'a byte order mark': `\ufeff${result('')}`,
  }
  for (const [what, text] of Object.entries(unreadable)) {
    it(`sends nothing of ${what}`, () => assert.throws(() => json(text), UnreadableListError))
  }

  it('sends nothing of invalid UTF-8', () => {
    const bytes = Buffer.concat([Buffer.from('{"result":{"a":"'), Buffer.of(0xff), Buffer.from('"}}')])
    assert.throws(() => rewrite(READ, 'json', [bytes]), UnreadableListError)
  })

  it('reads at most 2 MiB', () => {
    const filler = Buffer.from(result('"a":"x"'))
    const pad = Buffer.alloc(2 * MIB - filler.length, ' ')
    assert.equal(rewrite(READ, 'json', [filler, pad]).length, 2 * MIB)
    assert.throws(() => rewrite(READ, 'json', [filler, pad, Buffer.from(' ')]), UnreadableListError)
  })

  it('reads 250,000 values and refuses more, which would delay other requests', () => {
    const filler = (values: number): string => result(`"a":[${'0,'.repeat(values)}0]`)
    assert.equal(json(filler(200_000)), filler(200_000))
    for (const many of [filler(300_000), result(`"tools":[${'{},'.repeat(2 * MIB)}{}]`)]) {
      const begunMs = performance.now()
      assert.throws(() => json(many), UnreadableListError)
      assert.ok(performance.now() - begunMs < 1000)
    }
  })

  it('sends nothing before the answer is complete, and nothing after an error', () => {
    const rewriter = createListRewriter(READ, 'json')
    assert.equal(rewriter.feed(Buffer.from('{"result":{}}')).length, 0)
    assert.equal(rewriter.feed(Buffer.from('{')).length, 0)
    assert.throws(() => rewriter.end(), UnreadableListError)
    assert.throws(() => rewriter.feed(Buffer.from('')), UnreadableListError)
    assert.throws(() => rewriter.end(), UnreadableListError)
  })
})

describe('The format of an answer', () => {
  const table: [contentType: string[], contentEncoding: string[], format: string | undefined][] = [
    [['application/json'], [], 'json'],
    [['application/json; charset=utf-8'], [], 'json'],
    [['text/event-stream'], [], 'event_stream'],
    [['text/event-stream;charset=UTF-8'], [], 'event_stream'],
    [['text/event-stream; charset=latin1'], [], undefined],
    [['text/html'], [], undefined],
    [['application/json', 'application/json'], [], undefined],
    [[], [], undefined],
    [['application/json'], ['gzip'], undefined],
    [['text/event-stream'], ['identity'], 'event_stream'],
    [['application/json'], ['Identity'], 'json'],
    [['application/json'], ['identity', 'gzip'], undefined],
    [['application/json'], [''], undefined],
  ]
  for (const [contentType, contentEncoding, format] of table) {
    it(`is ${format ?? 'unknown'} for ${JSON.stringify([contentType, contentEncoding])}`, () => {
      assert.equal(listFormatOf(contentType, contentEncoding), format)
    })
  }
})
