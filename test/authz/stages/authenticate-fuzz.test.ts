import assert from 'node:assert/strict'
import fc from 'fast-check'
import { loadAuthorization, methodOf } from '../../../proto/load.ts'
import { envoySchema, messageNamed } from '../../proto/descriptors.ts'
import { fuzzRuns } from '../../support/fuzz-runs.ts'
import { startValkey } from '../../support/store/valkey.ts'
import { CONTEXT } from '../support/envoy.ts'
import { openSession } from '../support/sessions.ts'
import { startGate } from '../support/gate.ts'
import { mutation, NOT_UTF8 } from '../support/mutations.ts'
import { beforeAll } from '../../support/before-all.ts'

const SEED = 20_261_125
const CHECK = methodOf(loadAuthorization(), 'Check')
/** As the real Envoy writes it, in full. */
const REQUEST = messageNamed(envoySchema().definitions, 'envoy.service.auth.v3.CheckRequest')

interface Answer {
  readonly status?: { readonly code?: number }
  readonly ok_response?: object
  readonly denied_response?: object
  readonly error_response?: object
}

type Header = readonly [name: string, value: string | Uint8Array]

/** Fields of a length and content: number and wire type in one. */
const [ATTRIBUTES, METADATA_CONTEXT, FILTER_METADATA, VALUE, FIELDS, STRUCT] = [
  0x0a, 0x5a, 0x0a, 0x12, 0x0a, 0x2a,
]

/** Of google.rpc.Code. */
const GRPC = { RESOURCE_EXHAUSTED: 8, INTERNAL: 13 }

const USUAL_HEADERS: readonly Header[] = [
  [':authority', 'connect.example'],
  [':path', '/mcp/platform/mcp'],
  [':method', 'POST'],
  [':scheme', 'https'],
  ['content-type', 'application/json'],
  ['accept', 'application/json, text/event-stream'],
  ['mcp-protocol-version', '2025-11-25'],
  ['mcp-session-id', 'b2d6d0a4'],
  ['mcp-method', 'tools/call'],
  ['x-forwarded-for', '203.0.113.5,192.0.2.2'],
  ['x-forwarded-proto', 'https'],
  ['user-agent', 'claude-code/2.1 (cli)'],
  ['content-length', '46'],
  ['x-envoy-external-address', '203.0.113.5'],
  ['x-request-id', '9281942c-de6f-48b3-ab39-9c73a2cd750f'],
]

/** Fields in one another: some, and then the others again and again. */
function nested(first: readonly number[], again: readonly number[], depth: number): Buffer {
  const tags = Array.from(
    { length: depth },
    (_, level) => first[level] ?? again[(level - first.length) % again.length],
  )
  let inner = 0
  const heads = tags.reverse().map((tag = 0) => {
    const head = Buffer.from([tag, ...varint(inner)])
    inner += head.length
    return head
  })
  return Buffer.concat(heads.reverse())
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value & 127) | 128, ...varint(value >>> 7)]
}

describe('The authenticate stage with random bytes', function () {
  let token: string

  const gate = beforeAll(async () => await startGate(await startValkey()))
  const opening = beforeAll(() => openSession())

  before(async () => {
    token = await gate.issueToken(opening)
  })

  /** What Envoy 1.40 asked about a call of a tool, field by field; the token and the rest of the headers are ours. */
  function recorded(headers: readonly Header[]): object {
    return {
      attributes: {
        source: { address: { socket_address: { address: '127.0.0.1', port_value: 58_170 } } },
        destination: { address: { socket_address: { address: '127.0.0.1', port_value: 8080 } } },
        request: {
          time: { seconds: 1_795_574_635, nanos: 709_423_000 },
          http: {
            id: '18222698748724350091',
            method: 'POST',
            path: '/mcp/platform/mcp',
            host: 'connect.example',
            scheme: 'https',
            protocol: 'HTTP/1.1',
            header_map: {
              headers: [...USUAL_HEADERS, ...headers].map(([key, value]) => ({
                key,
                raw_value: Buffer.from(value as string),
              })),
            },
          },
        },
        context_extensions: CONTEXT,
        metadata_context: {},
        route_metadata_context: {},
      },
    }
  }

  const bytesOf = (headers: readonly Header[]): Buffer => REQUEST.serialize(recorded(headers))
  const withToken = (one: string | Uint8Array): Buffer => bytesOf([['authorization', one]])
  const genuine = (): Buffer => withToken(`Bearer ${token}`)

  /** The answer's bytes, or the code of the error that there is instead. */
  function ask(bytes: Uint8Array): Promise<Buffer | number> {
    const { promise, resolve, reject } = Promise.withResolvers<Buffer | number>()
    gate.envoy.client.makeUnaryRequest(
      CHECK.path,
      (message: Uint8Array) => Buffer.from(message),
      (message) => message,
      bytes,
      (error, answer) => {
        if (answer !== undefined) resolve(answer)
        else if (error !== null) resolve(error.code)
        else reject(new Error('neither answer nor error'))
      },
    )
    return promise
  }

  /** Whether it lets through, as Envoy reads it: whatever has no status, or code 0, does. */
  async function isAllowed(bytes: Uint8Array): Promise<boolean> {
    const answer = await ask(bytes)
    if (typeof answer === 'number') {
      assert.ok([GRPC.INTERNAL, GRPC.RESOURCE_EXHAUSTED].includes(answer), `gRPC status ${answer}`)
      return false
    }
    const { status, ...parts } = CHECK.responseDeserialize(answer) as Answer
    const allowed = (status?.code ?? 0) === 0
    const { token: quilt } = opening.credential
    assert.equal(answer.includes(quilt), allowed, 'the Quilt credential is in what lets through alone')
    assert.equal(allowed, parts.ok_response !== undefined)
    if (!allowed) assert.ok(parts.denied_response ?? parts.error_response)
    return allowed
  }

  it('allows the unmodified request', async () => {
    assert.equal(await isAllowed(genuine()), true)
  })

  it('G16: ends in a verdict or an error, and allows no mutated request without the token', async () => {
    let allowed = 0
    await fc.assert(
      fc.asyncProperty(fc.array(mutation, { minLength: 1, maxLength: 3 }), async (mutations) => {
        const bytes = mutations.reduce((changed, change) => change(changed), genuine())
        if (!(await isAllowed(bytes))) return
        allowed += 1
        assert.ok(bytes.includes(token), 'let through without the token')
      }),
      { numRuns: fuzzRuns(1000), seed: SEED },
    )
    // A part that is repeated repeats its credential, which is refused.
    assert.ok(allowed > 10, 'some changes touch nothing that counts')
    assert.equal(await isAllowed(genuine()), true)
  })

  it('G16: allows no mutated request that had no token', async () => {
    const without = [
      bytesOf([]),
      withToken('Bearer '),
      withToken(`Bearer ${token.slice(0, -1)}`),
      withToken(token),
    ]
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...without),
        fc.array(mutation, { maxLength: 3 }),
        async (base, mutations) => {
          assert.equal(await isAllowed(mutations.reduce((changed, change) => change(changed), base)), false)
        },
      ),
      { numRuns: fuzzRuns(400), seed: SEED },
    )
  })

  it('G08: allows no credential with any other byte', async () => {
    const value = `Bearer ${token}`
    await fc.assert(
      fc.asyncProperty(
        fc.nat(value.length),
        fc.oneof(fc.uint8Array({ minLength: 1, maxLength: 4 }), fc.constantFrom(...NOT_UTF8)),
        async (at, added) => {
          const bytes = Buffer.concat([Buffer.from(value.slice(0, at)), added, Buffer.from(value.slice(at))])
          assert.equal(await isAllowed(withToken(bytes)), false)
        },
      ),
      { numRuns: fuzzRuns(250), seed: SEED },
    )
  })

  const AUTHORIZED = (): Header => ['authorization', `Bearer ${token}`]
  const strange: [what: string, headers: () => readonly Header[], allowed: boolean][] = [
    ['names that every object has', () => [AUTHORIZED(), ['__proto__', 'a'], ['constructor', 'b']], true],
    ['a value that is not UTF-8', () => [AUTHORIZED(), ['x-bytes', Buffer.from([0xff, 0, 0x80])]], true],
    ['a name that is not ASCII', () => [AUTHORIZED(), ['\u0130x', 'a']], true],
    [
      '5,000 names',
      () => [AUTHORIZED(), ...Array.from({ length: 5000 }, (_, i): Header => [`x-${i}`, 'a'])],
      true,
    ],
    ['a value of 200 KiB', () => [AUTHORIZED(), ['x-long', 'a'.repeat(200 * 1024)]], true],
    ['a value of 2 MiB', () => [AUTHORIZED(), ['x-long', 'a'.repeat(2 * 1024 * 1024)]], false],
    ['two tokens', () => [AUTHORIZED(), AUTHORIZED()], false],
    ['a second token by another spelling', () => [AUTHORIZED(), ['Authorization', 'Bearer a']], false],
    ['the token under a name that is only like it', () => [['author\u0131zation', `Bearer ${token}`]], false],
    ['the token in the name', () => [[`authorization: Bearer ${token}`, '']], false],
    ['the token after a NUL', () => [['authorization', `\0Bearer ${token}`]], false],
    ['the token in full width', () => [['authorization', `\uff22earer ${token}`]], false],
    ['a credential of 200 KiB', () => [['authorization', `Bearer ${'a'.repeat(200 * 1024)}`]], false],
  ]
  for (const [what, headers, allowed] of strange) {
    it(`G16: ${allowed ? 'allows' : 'does not allow'} a request with ${what}`, async () => {
      assert.equal(await isAllowed(bytesOf(headers())), allowed)
    })
  }

  const malformed: [what: string, bytes: Buffer][] = [
    ['nothing', Buffer.alloc(0)],
    ['zeros', Buffer.alloc(1000)],
    ['a length beyond the end', Buffer.from([0x0a, 0x7f])],
    ['a length of 2 GiB', Buffer.from([0x0a, 0xff, 0xff, 0xff, 0xff, 0x07])],
    ['a length below zero', Buffer.from([0x0a, ...Buffer.alloc(9, 0xff), 0x01])],
    ['a varint without end', Buffer.alloc(200, 0xff)],
    ['a field of number 0', Buffer.from([0x02, 0x00])],
    ['a wire type that there is not', Buffer.from([0x0e])],
    ['attributes that are a number', Buffer.from([0x08, 0x01])],
    ['the end of a group that never began', Buffer.from([0x0c])],
    ['groups in groups without end', Buffer.alloc(200_000, 0x0b)],
    ['groups in groups that end', Buffer.concat([Buffer.alloc(100_000, 0x0b), Buffer.alloc(100_000, 0x0c)])],
    ['messages in messages', nested([], [ATTRIBUTES], 10_000)],
    [
      'values in values',
      nested([ATTRIBUTES, METADATA_CONTEXT, FILTER_METADATA, VALUE], [FIELDS, VALUE, STRUCT], 50_000),
    ],
  ]
  for (const [what, bytes] of malformed) {
    it(`G16: does not allow ${what}, and survives`, async () => {
      assert.equal(await isAllowed(bytes), false)
      assert.equal(await isAllowed(genuine()), true)
    })
  }
})
