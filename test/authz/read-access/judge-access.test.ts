import assert from 'node:assert/strict'
import { judgeAccess, type McpRequest } from '../../../authz/read-access/judge-access.ts'
import { mayUse } from '../../../authz/read-access/judge-call.ts'
import { READ, requestOf } from './support/corpus.ts'

const KIB = 1024

const callOf = (tool: string, padding = ''): Buffer =>
  Buffer.from(
    JSON.stringify({
      jsonrpc: '2.0',
      id: 'call-1',
      method: 'tools/call',
      params: { name: tool, arguments: { padding } },
    }),
  )

/** A call of exactly so many bytes. */
const callOfSize = (tool: string, bytes: number): Buffer =>
  callOf(tool, 'x'.repeat(bytes - callOf(tool).length))

const BODILESS: McpRequest = {
  method: 'GET',
  bytes: Buffer.alloc(0),
  body: { contentType: [], contentEncoding: [], partialBody: [], size: 0 },
  mcp: { method: [], name: [], protocolVersion: [], lastEventId: [] },
}

const judge = (request: McpRequest): string => {
  const verdict = judgeAccess(READ, request)
  if (verdict.outcome === 'refused') return verdict.reason
  return verdict.list ? 'allowed, list' : 'allowed'
}

describe('judgeAccess', () => {
  for (const size of [4 * KIB + 1, 8 * KIB + 1, KIB * KIB]) {
    it(`G01: judges a call by its tool when its body has ${size} bytes`, () => {
      for (const [tool, verdict] of [
        ['search_objects', 'allowed'],
        ['package_create', 'tool_not_allowed'],
      ] as const) {
        const request = requestOf({ bytes: callOfSize(tool, size), headers: {} })
        assert.equal(request.bytes.length, size)
        assert.equal(judge(request), verdict)
      }
    })
  }

  it('G01: judges a call by a tool at the end of a large body', () => {
    const bytes = Buffer.from(
      `{"jsonrpc":"2.0","id":1,"params":{"arguments":{"a":"${'x'.repeat(900 * KIB)}"},"name":"package_create"},"method":"tools/call"}`,
    )
    assert.equal(judge(requestOf({ bytes, headers: {} })), 'tool_not_allowed')
  })

  it('G01: refuses a body larger than Envoy’s buffer', () => {
    const bytes = callOfSize('search_objects', KIB * KIB + 1)
    assert.equal(judge(requestOf({ bytes, headers: {} })), 'too_large')
  })

  it('G01: refuses a truncated body, however Envoy marks it', () => {
    const whole = requestOf({ bytes: callOf('search_objects'), headers: {} })
    const { length } = whole.bytes
    const cuts: [Partial<McpRequest['body']>, string][] = [
      [{ size: length + 1 }, 'partial_body'],
      [{ size: length - 1 }, 'partial_body'],
      [{ size: -1 }, 'partial_body'],
      [{ size: 0 }, 'partial_body'],
      [{ size: NaN }, 'partial_body'],
      [{ size: 2 * KIB * KIB }, 'too_large'],
      [{ partialBody: ['true'] }, 'partial_body'],
      [{ partialBody: [] }, 'partial_body'],
      [{ partialBody: [''] }, 'partial_body'],
      [{ partialBody: ['false', 'false'] }, 'partial_body'],
    ]
    for (const [change, reason] of cuts) {
      assert.equal(judge({ ...whole, body: { ...whole.body, ...change } }), reason, JSON.stringify(change))
    }
    assert.equal(judge({ ...whole, bytes: Buffer.alloc(0) }), 'partial_body')
  })

  it('accepts at most 256 members of a message and of its params', () => {
    const members = (count: number): object =>
      Object.fromEntries(Array.from({ length: count }, (_, at) => [`odd_Key-${at}`, 0]))
    for (const [count, verdict] of [
      [256, 'allowed'],
      [257, 'too_many_values'],
    ] as const) {
      const envelope = { jsonrpc: '2.0', id: 1, method: 'ping' }
      const inParams = JSON.stringify({ ...envelope, params: members(count) })
      const inMessage = JSON.stringify({ ...envelope, ...members(count - 3) })
      for (const text of [inParams, inMessage]) {
        assert.equal(judge(requestOf({ bytes: Buffer.from(text), headers: {} })), verdict)
      }
    }
  })

  it('reads at most 20,000 values', () => {
    // The message itself, four members, the name, and the list of the arguments are seven.
    for (const [count, verdict] of [
      [20_000 - 7, 'allowed'],
      [20_000 - 6, 'too_many_values'],
    ] as const) {
      const list = new Array(count).fill('0').join(',')
      const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_objects","arguments":[${list}]}}`
      assert.equal(judge(requestOf({ bytes: Buffer.from(text), headers: {} })), verdict)
    }
  })

  it('refuses a params key that is longer than any of MCP', () => {
    for (const [letter, length, verdict] of [
      ['x', 1_000, 'allowed'],
      ['X', 256, 'allowed'],
      ['X', 257, 'key_variant'],
      ['\ufdfa', 257, 'key_variant'],
    ] as const) {
      const text = `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_objects","${letter.repeat(length)}":1}}`
      assert.equal(judge(requestOf({ bytes: Buffer.from(text), headers: {} })), verdict)
    }
  })

  const methods: [method: string, verdict: string][] = [
    ['GET', 'allowed, list'],
    ['DELETE', 'allowed'],
    ['POST', 'empty'],
    ['HEAD', 'http_method'],
    ['OPTIONS', 'http_method'],
    ['PUT', 'http_method'],
    ['PATCH', 'http_method'],
    ['TRACE', 'http_method'],
    ['CONNECT', 'http_method'],
    ['get', 'http_method'],
    ['post', 'http_method'],
    ['', 'http_method'],
    ['constructor', 'http_method'],
  ]
  for (const [method, verdict] of methods) {
    it(`answers ${verdict} to ${method || 'no method'} without a body`, () => {
      assert.equal(judge({ ...BODILESS, method }), verdict)
    })
  }

  it('filters a resumed stream', () => {
    assert.equal(judge({ ...BODILESS, mcp: { ...BODILESS.mcp, lastEventId: ['7'] } }), 'allowed, list')
  })

  it('refuses GET and DELETE with a body, also one that Envoy did not send', () => {
    const { bytes, body } = requestOf({ bytes: callOf('search_objects'), headers: {} })
    for (const method of ['GET', 'DELETE']) {
      assert.equal(judge({ ...BODILESS, method, bytes, body }), 'http_method')
      assert.equal(judge({ ...BODILESS, method, body }), 'http_method')
    }
    // Envoy says -1 where it does not know.
    assert.equal(judge({ ...BODILESS, body: { ...BODILESS.body, size: -1 } }), 'allowed, list')
  })

  it('G02: refuses a body in which a parser could find a different tool', () => {
    const second = [
      ...['"name":"package_create"', '"n\\u0061me":"package_create"', '"Name":"package_create"'],
      ...[
        '"name\\u0000":"package_create"',
        '"ｎａｍｅ":"package_create"',
        '"__proto__":{"name":"package_create"}',
      ],
    ]
    const bodies = second.flatMap((other) => [
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_objects",${other}}}`,
      `{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{${other},"name":"search_objects"}}`,
    ])
    bodies.push(
      '{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"search_objects"},"paramſ":{"name":"package_create"}}',
    )
    for (const body of bodies) {
      assert.match(
        judge(requestOf({ bytes: Buffer.from(body), headers: {} })),
        /^(duplicate|nul_in)?_?key/,
        body,
      )
    }
  })

  it('keeps the readable id of a refused request', () => {
    const idOf = (text: string): unknown => {
      const verdict = judgeAccess(READ, requestOf({ bytes: Buffer.from(text), headers: {} }))
      return verdict.outcome === 'refused' && verdict.id
    }
    assert.equal(idOf(callOf('package_create').toString()), 'call-1')
    assert.equal(idOf('{"jsonrpc":"2.0","id":7,"method":"tools/call","params":[]}'), 7)
    assert.equal(idOf('{"jsonrpc":"2.0","id":7.5,"method":"tools/call"}'), undefined)
    assert.equal(idOf('{"jsonrpc":"2.0","id":7,"id":7,"method":"tools/call"}'), undefined)
  })
})

describe('mayUse', () => {
  it('allows listed methods and listed tools only', () => {
    assert.equal(mayUse(READ, { method: 'tools/list' }), true)
    assert.equal(mayUse(READ, { method: 'tools/call', name: 'search_objects' }), true)
    assert.equal(mayUse(READ, { method: 'tools/call', name: 'package_create' }), false)
    assert.equal(mayUse(READ, { method: 'tools/call' }), false)
    assert.equal(mayUse(READ, { method: 'tasks/list', name: 'search_objects' }), false)
  })

  it('allows no tool without tools/call', () => {
    const read = { tools: READ.tools, methods: new Set(['tools/list']) }
    assert.equal(mayUse(read, { method: 'tools/call', name: 'search_objects' }), false)
  })

  it('allows nothing with an empty entry', () => {
    for (const method of ['tools/list', 'tools/call', 'ping', 'initialize']) {
      assert.equal(mayUse({ tools: new Set(), methods: new Set() }, { method, name: 'x' }), false)
    }
  })
})
