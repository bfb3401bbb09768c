import assert from 'node:assert/strict'
import { gzipSync } from 'node:zlib'
import { status } from '@grpc/grpc-js'
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2'
import { callHeaders, framed, openSession, rawCall, type RawAnswer } from './support/raw-call.ts'
import { ASK, serve, TALK, type Text } from './support/served.ts'

const MAX_BYTES = 1000

describe('The gRPC server', () => {
  let path: string
  let session: ClientHttp2Session
  let asked: string[]

  before(async () => {
    const echo = (request: Text): Promise<Text> => {
      asked.push(request.text)
      return Promise.resolve(request)
    }
    const echoAll = async function* (requests: AsyncIterable<Text>) {
      for await (const request of requests) yield await echo(request)
    }
    const served = await serve({ ask: echo, talk: echoAll }, MAX_BYTES)
    path = served.path
    session = openSession(path)
  })

  beforeEach(() => {
    asked = []
  })

  const call = (chunks: Uint8Array[], headers: OutgoingHttpHeaders = {}, open = false): Promise<RawAnswer> =>
    rawCall(session, callHeaders(ASK.path, headers), { chunks, open })

  it('answers with headers, one message and trailers', async () => {
    assert.deepEqual(await call([framed('hello')]), {
      httpStatus: 200,
      grpcStatus: 0,
      grpcMessage: 'OK',
      body: framed('hello'),
      resetCode: 0,
    })
  })

  for (const type of ['application/grpc', 'application/grpc+proto', 'application/grpc; charset=utf-8']) {
    it(`accepts ${type}`, async () => {
      assert.equal((await call([framed('a')], { 'content-type': type })).grpcStatus, 0)
    })
  }

  const notGrpc: [what: string, headers: OutgoingHttpHeaders, httpStatus: number][] = [
    ['no content type', { 'content-type': undefined }, 415],
    ['JSON', { 'content-type': 'application/json' }, 415],
  ]
  for (const [what, headers, httpStatus] of notGrpc) {
    it(`answers ${httpStatus} to ${what}`, async () => {
      const answer = await call([framed('a')], headers)
      assert.deepEqual([answer.httpStatus, answer.grpcStatus], [httpStatus, undefined])
      assert.deepEqual(asked, [])
    })
  }

  const refused: [what: string, chunks: Uint8Array[], code: number, headers?: OutgoingHttpHeaders][] = [
    ['a method that it has not', [framed('a')], status.UNIMPLEMENTED, { ':path': '/test.Service/Other' }],
    ['a path in another case', [framed('a')], status.UNIMPLEMENTED, { ':path': ASK.path.toLowerCase() }],
    ['a path with a query', [framed('a')], status.UNIMPLEMENTED, { ':path': `${ASK.path}?a` }],
    [
      'a path named as what every object has',
      [framed('a')],
      status.UNIMPLEMENTED,
      { ':path': '/constructor' },
    ],
    ['no message', [], status.UNIMPLEMENTED],
    ['two messages', [framed('a'), framed('b')], status.UNIMPLEMENTED],
    ['half a prefix', [Buffer.from([0, 0, 0])], status.UNIMPLEMENTED],
    ['half a message', [framed('a', { length: 2 })], status.UNIMPLEMENTED],
    ['a message that cannot be decoded', [framed('not a message')], status.INTERNAL],
    ['a message that is too long', [framed(Buffer.alloc(MAX_BYTES + 1))], status.RESOURCE_EXHAUSTED],
    [
      'a small message that unpacks to a large one',
      [framed(gzipSync(Buffer.alloc(1_000_000)), { flag: 1 })],
      status.RESOURCE_EXHAUSTED,
      { 'grpc-encoding': 'gzip' },
    ],
  ]
  for (const [what, chunks, code, headers] of refused) {
    it(`refuses ${what}, and survives`, async () => {
      const answer = await call(chunks, headers)
      assert.deepEqual([answer.httpStatus, answer.grpcStatus, answer.resetCode], [200, code, 0])
      assert.equal(answer.body.length, 0)
      assert.ok(!String(answer.grpcMessage).includes('secret'))
      assert.deepEqual(asked, [])
      assert.equal((await call([framed('still here')])).grpcStatus, 0)
    })
  }

  it('refuses a message that is too long before it has arrived', async () => {
    for (const method of [ASK.path, TALK.path]) {
      const chunks = [framed('', { length: MAX_BYTES + 1 })]
      const answer = await call(chunks, { ':path': method }, true)
      assert.deepEqual([answer.grpcStatus, answer.resetCode], [status.RESOURCE_EXHAUSTED, 0])
    }
  })

  it('refuses an unknown method before its request has ended', async () => {
    const answer = await call([framed('a')], { ':path': '/unknown' }, true)
    assert.deepEqual([answer.grpcStatus, answer.resetCode], [status.UNIMPLEMENTED, 0])
  })

  it('reads a compressed message', async () => {
    const answer = await call([framed(gzipSync('packed'), { flag: 1 })], { 'grpc-encoding': 'gzip' })
    assert.deepEqual([answer.grpcStatus, asked], [0, ['packed']])
  })
})
