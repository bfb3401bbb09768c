import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { PROTOCOLS, type Protocol } from '../../edge/support/ask.ts'
import { sharedAccessStack } from './support/access-stack.ts'
import { CHANGING_TOOL, READING_TOOL, request, toolCall, toolCallOf } from './support/calls.ts'
import { send, type Sent } from './support/send.ts'
import { beforeAll } from '../../support/before-all.ts'

type Headers = NonNullable<Sent['headers']>
type Case = readonly [what: string, sent: Omit<Sent, 'protocol'>]

const CHANGE = toolCall(CHANGING_TOOL)
const READ = toolCall(READING_TOOL)
const CREDIBLE = 'package_browse","arguments":{}'
const VERSION: Headers[number] = ['mcp-protocol-version', '2026-07-28']

/** One byte for each character, as they go over the wire. */
const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')
const base64 = (text: string): string => `=?base64?${Buffer.from(text).toString('base64')}?=`
const params = (text: string): string => `{"jsonrpc":"2.0","id":7,"method":"tools/call","params":${text}}`

const WHATEVER_ITS_FORM: readonly Case[] = [
  ['4,097 bytes', { body: toolCallOf(4097, CHANGING_TOOL) }],
  ['8,193 bytes', { body: toolCallOf(8193, CHANGING_TOOL) }],
  ['a megabyte', { body: toolCallOf(1_000_000, CHANGING_TOOL) }],
  ['4,097 bytes of a length that is not told', { body: toolCallOf(4097, CHANGING_TOOL), sized: false }],
  [
    'the tool’s name after 70,000 bytes',
    { body: params(`{"arguments":{"a":"${'x'.repeat(70_000)}"},"name":"${CHANGING_TOOL}"}`) },
  ],
  ['a batch', { body: `[${CHANGE}]` }],
  ['a batch that begins with a call that is allowed', { body: `[${READ},${CHANGE}]` }],
  ['two messages', { body: `${READ}\n${CHANGE}` }],
  ['text/plain', { body: CHANGE, contentType: 'text/plain' }],
  ['a form', { body: CHANGE, contentType: 'application/x-www-form-urlencoded' }],
  ['application/json-patch+json', { body: READ, contentType: 'application/json-patch+json' }],
  ['another charset', { body: READ, contentType: 'application/json; charset=utf-16' }],
  ['two content types', { body: READ, headers: [['content-type', 'text/plain']] }],
  ['no content type', { body: CHANGE, contentType: undefined }],
  ['gzip', { body: gzipSync(CHANGE).toString('latin1'), headers: [['content-encoding', 'gzip']] }],
  ['invalid UTF-8', { body: toolCall('package_create\xff') }],
  ['UTF-8 that is longer than it need be', { body: params('{"name":"package\xc1\x9fcreate"}') }],
  ['UTF-16', { body: Buffer.from(CHANGE, 'utf16le').toString('latin1') }],
  ['a byte order mark', { body: bytes(`\ufeff${CHANGE}`) }],
  ['nothing at all', { body: '' }],
  ['PUT', { body: CHANGE, method: 'PUT' }],
  ['GET with a body', { body: CHANGE, method: 'GET' }],
  ['DELETE with a body', { body: CHANGE, method: 'DELETE' }],
]

const WHOEVER_READS: readonly Case[] = [
  ['name twice, the denied one last', { body: params(`{"name":"${CREDIBLE},"name":"${CHANGING_TOOL}"}`) }],
  ['name twice, the denied one first', { body: params(`{"name":"${CHANGING_TOOL}","name":"${CREDIBLE}}`) }],
  [
    'name twice, once with an escape',
    { body: params(`{"name":"${CREDIBLE},"n\\u0061me":"${CHANGING_TOOL}"}`) },
  ],
  ['Name beside name', { body: params(`{"name":"${CREDIBLE},"Name":"${CHANGING_TOOL}"}`) }],
  ['NAME alone', { body: params(`{"NAME":"${CHANGING_TOOL}"}`) }],
  ['name with NUL', { body: params(`{"name":"${CREDIBLE},"name\\u0000":"${CHANGING_TOOL}"}`) }],
  ['params twice', { body: READ.replace('"params"', `"params":{"name":"${CHANGING_TOOL}"},"params"`) }],
  ['paramſ beside params', { body: bytes(READ.replace('{', `{"paramſ":{"name":"${CHANGING_TOOL}"},`)) }],
  ['Params beside params', { body: READ.replace('{', `{"Params":{"name":"${CHANGING_TOOL}"},`) }],
  ['method twice', { body: READ.replace('{', '{"method":"ping",') }],
  ['METHOD beside method', { body: request('ping').replace('{', `{"METHOD":"tools/call",`) }],
  [
    'a response that has a Method',
    {
      body: `{"jsonrpc":"2.0","id":7,"result":{},"Method":"tools/call","params":{"name":"${CHANGING_TOOL}"}}`,
    },
  ],
  ['a request that is a response too', { body: CHANGE.replace('{', '{"result":{},') }],
  ['a call as a notification', { body: CHANGE.replace('"id":7,', '') }],
  ['__proto__', { body: params(`{"name":"${CREDIBLE},"__proto__":{"name":"${CHANGING_TOOL}"}}`) }],
  ['a comment', { body: READ.replace('{', '{/**/') }],
  ['NaN', { body: params(`{"name":"${READING_TOOL}","arguments":{"a":NaN}}`) }],
  ['another method', { body: request('tasks/run', { name: READING_TOOL }) }],
  ['the method in capitals', { body: request('TOOLS/LIST') }],
]

const ANOTHER_MEANING: readonly (readonly [what: string, body: string, headers: Headers])[] = [
  ['Mcp-Name is missing', READ, [VERSION, ['mcp-method', 'tools/call']]],
  ['Mcp-Method is missing', READ, [VERSION, ['mcp-name', READING_TOOL]]],
  ['both are missing', READ, [VERSION]],
  ['Mcp-Name is another', READ, [['mcp-name', 'bucket_list']]],
  ['Mcp-Name is a denied tool', READ, [['mcp-name', CHANGING_TOOL]]],
  ['Mcp-Name is an allowed tool, and the body’s is not', CHANGE, [['mcp-name', READING_TOOL]]],
  ['Mcp-Method is another', READ, [['mcp-method', 'tools/list']]],
  [
    'Mcp-Method is one that is allowed, and the body’s is not',
    request('tasks/run'),
    [['mcp-method', 'ping']],
  ],
  [
    'Mcp-Name is repeated',
    READ,
    [
      ['mcp-name', READING_TOOL],
      ['mcp-name', CHANGING_TOOL],
    ],
  ],
  [
    'Mcp-Name is there twice, the same',
    READ,
    [
      ['mcp-name', READING_TOOL],
      ['mcp-name', READING_TOOL],
    ],
  ],
  [
    'Mcp-Method is repeated',
    READ,
    [
      ['mcp-method', 'tools/call'],
      ['mcp-method', 'tools/list'],
    ],
  ],
  ['Mcp-Name is two in one', READ, [['mcp-name', `${READING_TOOL}, ${CHANGING_TOOL}`]]],
  ['Mcp-Name is base64 of a denied tool', READ, [['mcp-name', base64(CHANGING_TOOL)]]],
  ['Mcp-Name and body are a denied tool, one in base64', CHANGE, [['mcp-name', base64(CHANGING_TOOL)]]],
  ['Mcp-Name is malformed base64', READ, [['mcp-name', `=?base64?${READING_TOOL}?=`]]],
  ['Mcp-Name is base64 without its padding', READ, [['mcp-name', base64(READING_TOOL).replace('=?=', '?=')]]],
  [
    'the version is in the body alone',
    READ.replace(
      '"arguments"',
      '"_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"},"arguments"',
    ),
    [],
  ],
  ['there are two versions', READ, [VERSION, ['mcp-protocol-version', '2025-11-25']]],
]

describe('A forbidden call of a read-only session', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedAccessStack())

  async function isRefused(protocol: Protocol, sent: Omit<Sent, 'protocol'>): Promise<void> {
    const { answer, reached } = await send(stack, stack.reader, { ...sent, protocol })
    assert.equal(reached.length, 0, 'it reached the service')
    assert.ok([200, 400, 405].includes(answer.status), String(answer.status))
    // A method that nothing here speaks is refused by Envoy itself.
    if (sent.method === 'PUT') return
    const { error } = JSON.parse(answer.body) as { error?: { message?: string } }
    assert.match(error?.message ?? '', /^(The request|Header mismatch:|This application has read-only)/)
  }

  for (const protocol of PROTOCOLS) {
    for (const [what, sent] of WHATEVER_ITS_FORM) {
      it(`G01: over ${protocol}: is refused in every form: ${what}`, () => isRefused(protocol, sent))
    }
    for (const [what, sent] of WHOEVER_READS) {
      it(`G02: over ${protocol}: is refused where parsers differ: ${what}`, () => isRefused(protocol, sent))
    }
    for (const [what, body, headers] of ANOTHER_MEANING) {
      it(`G03: over ${protocol}: is refused where headers and body differ: ${what}`, () =>
        isRefused(protocol, { body, headers }))
    }

    it(`G03: over ${protocol}: reaches the service as it was sent where they agree, base64 included`, async () => {
      const names = [READING_TOOL, base64(READING_TOOL)]
      for (const name of names) {
        const headers: Headers = [VERSION, ['mcp-method', 'tools/call'], ['mcp-name', name]]
        const { answer, reached } = await send(stack, stack.reader, { protocol, body: READ, headers })
        assert.equal(answer.status, 200)
        assert.equal((await reached[0]?.whole)?.toString(), READ)
        assert.equal(reached[0]?.headers['mcp-name'], name)
      }
    })
  }

  it('G01: reaches the service unchanged in a full session', async () => {
    for (const [what, sent] of [...WHATEVER_ITS_FORM, ...WHOEVER_READS]) {
      if (sent.method === 'PUT') continue
      const { reached } = await send(stack, stack.writer, sent)
      assert.equal((await reached[0]?.whole)?.toString('latin1'), sent.body, what)
    }
  })
})
