import assert from 'node:assert/strict'
import fc from 'fast-check'
import { judgeAccess } from '../../../authz/read-access/judge-access.ts'
import { requestOf } from './support/corpus.ts'

const SEED = 6
const VERSION = '2026-07-28'

const base64 = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`

/** As MCP 2026-07-28 has a client write a value: plain where a header can hold it, and it looks like nothing else. */
function encode(text: string): string {
  const isPlain = /^[\x21-\x7e](?:[\x20-\x7e]*[\x21-\x7e])?$/.test(text) && !/^=\?base64\?.*\?=$/.test(text)
  return isPlain ? text : base64(text)
}

/** Of a resource: any URI may be read, so that it is the header alone that decides. */
function judge(uri: string, headers: Record<string, string | string[]>): string {
  const params = { uri, _meta: { 'io.modelcontextprotocol/protocolVersion': VERSION } }
  const bytes = Buffer.from(JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'resources/read', params }))
  const read = { tools: new Set<string>(), methods: new Set(['resources/read']) }
  const sent = { 'mcp-protocol-version': VERSION, 'mcp-method': 'resources/read', ...headers }
  const verdict = judgeAccess(read, requestOf({ bytes, headers: sent }))
  return verdict.outcome === 'refused' ? verdict.reason : verdict.outcome
}

/** What a header and a body may both name: no control characters, which no name has. */
const text = fc.oneof(
  fc.constantFrom('a', ' a', 'a ', 'a b', '日本', '=?base64?YQ==?=', '=?base64?', '?=', 'a,b', '', '\ufeffa'),
  fc.string({ unit: 'grapheme', maxLength: 8 }).filter((each) => !/\p{Cc}/u.test(each)),
)

describe('The MCP headers that repeat the message', () => {
  it('G03: are accepted as clients must write them', () => {
    fc.assert(
      fc.property(text, (uri) => {
        assert.equal(judge(uri, { 'mcp-name': encode(uri) }), 'allowed')
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  it('G03: are refused when they differ from the message, in any encoding', () => {
    fc.assert(
      fc.property(text, text, fc.constantFrom(encode, base64), (uri, other, write) => {
        fc.pre(uri !== other)
        assert.equal(judge(uri, { 'mcp-name': write(other) }), 'header_mismatch')
      }),
      { seed: SEED, numRuns: 500 },
    )
  })

  it('G03: are refused when missing, repeated or malformed', () => {
    const table: [headers: Record<string, string | string[]>, reason: string][] = [
      [{}, 'header_missing'],
      [{ 'mcp-method': [] }, 'header_missing'],
      [{ 'mcp-name': ['a:b', 'a:b'] }, 'header_repeated'],
      [{ 'mcp-name': 'a:b', 'mcp-method': ['resources/read', 'resources/read'] }, 'header_repeated'],
      [{ 'mcp-name': 'a:b', 'mcp-protocol-version': [VERSION, VERSION] }, 'header_repeated'],
      [{ 'mcp-name': 'a:b, a:b' }, 'header_mismatch'],
      [{ 'mcp-name': 'a:b', 'mcp-protocol-version': '2025-11-25' }, 'header_mismatch'],
      [{ 'mcp-name': 'a:b', 'mcp-protocol-version': [] }, 'header_missing'],
      [{ 'mcp-name': '=?base64?YTpi' }, 'header_mismatch'],
      [{ 'mcp-name': '=?base64?YTpi=?=' }, 'header_malformed'],
      [{ 'mcp-name': '=?base64?YTpi\n?=' }, 'header_malformed'],
      [{ 'mcp-name': 'a:b\u00e9' }, 'header_malformed'],
    ]
    for (const [headers, reason] of table)
      assert.equal(judge('a:b', headers), reason, JSON.stringify(headers))
    assert.equal(judge('a:b', { 'mcp-name': 'a:b' }), 'allowed')
  })
})
