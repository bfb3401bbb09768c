import assert from 'node:assert/strict'
import { finished } from 'node:stream/promises'
import type { ClientHttp2Session, OutgoingHttpHeaders } from 'node:http2'
import { stream, unary } from '../../../authz/grpc/method.ts'
import { STATUS } from '../../../authz/grpc/status.ts'
import { callHeaders, framed, openSession, rawCall, type RawAnswer } from './support/raw-call.ts'
import { callFrame, FRAME, greet, h2Frame, resetFrame } from './support/raw-frames.ts'
import { serve, textMethod, type Text } from './support/served.ts'

const ASK = textMethod('Ask')
const TALK = textMethod('Talk')
const LARGEST_BYTES = 1000

describe('a gRPC server', () => {
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
    const served = await serve([unary(ASK, LARGEST_BYTES, echo), stream(TALK, LARGEST_BYTES, echoAll)])
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
      grpcMessage: undefined,
      body: framed('hello'),
      resetCode: 0,
    })
  })

  for (const type of ['application/grpc', 'application/grpc+proto', 'application/grpc; charset=utf-8']) {
    it(`takes ${type}`, async () => {
      assert.equal((await call([framed('a')], { 'content-type': type })).grpcStatus, 0)
    })
  }

  const notGrpc: [what: string, headers: OutgoingHttpHeaders, httpStatus: number][] = [
    ['GET', { ':method': 'GET' }, 405],
    ['HEAD', { ':method': 'HEAD' }, 405],
    ['OPTIONS', { ':method': 'OPTIONS' }, 405],
    ['a method of no meaning', { ':method': 'FOO' }, 405],
    ['no content type', { 'content-type': undefined }, 415],
    ['JSON', { 'content-type': 'application/json' }, 415],
    ['gRPC in JSON', { 'content-type': 'application/grpc+json' }, 415],
    ['gRPC for the web', { 'content-type': 'application/grpc-web' }, 415],
    ['two content types', { 'content-type': 'application/grpc, text/plain' }, 415],
  ]
  for (const [what, headers, httpStatus] of notGrpc) {
    it(`answers ${httpStatus} to ${what}`, async () => {
      const chunks = ['GET', 'HEAD'].includes(String(headers[':method'])) ? [] : [framed('a')]
      const answer = await call(chunks, headers)
      assert.deepEqual([answer.httpStatus, answer.grpcStatus], [httpStatus, undefined])
      assert.deepEqual(asked, [])
    })
  }

  const refused: [what: string, chunks: Uint8Array[], code: number, headers?: OutgoingHttpHeaders][] = [
    ['a method that it has not', [framed('a')], STATUS.UNIMPLEMENTED, { ':path': '/test.Service/Other' }],
    ['a path in another case', [framed('a')], STATUS.UNIMPLEMENTED, { ':path': ASK.path.toLowerCase() }],
    ['a path with a query', [framed('a')], STATUS.UNIMPLEMENTED, { ':path': `${ASK.path}?a` }],
    [
      'a path named as what every object has',
      [framed('a')],
      STATUS.UNIMPLEMENTED,
      { ':path': '/constructor' },
    ],
    ['compressed messages', [framed('a')], STATUS.UNIMPLEMENTED, { 'grpc-encoding': 'gzip' }],
    ['a message that is compressed', [framed('a', { flag: 1 })], STATUS.UNIMPLEMENTED],
    ['a prefix of no meaning', [framed('a', { flag: 7 })], STATUS.INTERNAL],
    ['no message', [], STATUS.UNIMPLEMENTED],
    ['two messages', [framed('a'), framed('b')], STATUS.UNIMPLEMENTED],
    ['a message and a half', [framed('a'), Buffer.from([0, 0])], STATUS.INTERNAL],
    ['half a prefix', [Buffer.from([0, 0, 0])], STATUS.INTERNAL],
    ['half a message', [framed('a', { length: 2 })], STATUS.INTERNAL],
    ['what cannot be decoded', [framed('not a message')], STATUS.INTERNAL],
    ['a message that is too long', [framed(Buffer.alloc(LARGEST_BYTES + 1))], STATUS.RESOURCE_EXHAUSTED],
    ['a timeout that is none', [framed('a')], STATUS.INTERNAL, { 'grpc-timeout': '1 minute' }],
    ['a timeout that is over', [framed('a')], STATUS.DEADLINE_EXCEEDED, { 'grpc-timeout': '0m' }],
  ]
  for (const [what, chunks, code, headers] of refused) {
    it(`refuses ${what}, and lives`, async () => {
      const answer = await call(chunks, headers)
      assert.deepEqual([answer.httpStatus, answer.grpcStatus, answer.resetCode], [200, code, 0])
      assert.equal(answer.body.length, 0)
      assert.ok(!String(answer.grpcMessage).includes('secret'))
      assert.deepEqual(asked, [])
      assert.equal((await call([framed('still here')])).grpcStatus, 0)
    })
  }

  it('refuses a message that is too long before it has come, and does not wait for it', async () => {
    for (const method of [ASK.path, TALK.path]) {
      const chunks = [framed('', { length: LARGEST_BYTES + 1 })]
      const answer = await call(chunks, { ':path': method }, true)
      assert.deepEqual([answer.grpcStatus, answer.resetCode], [STATUS.RESOURCE_EXHAUSTED, 0])
    }
  })

  it('refuses an unknown method before its request has ended', async () => {
    const answer = await call([framed('a')], { ':path': '/unknown' }, true)
    assert.deepEqual([answer.grpcStatus, answer.resetCode], [STATUS.UNIMPLEMENTED, 0])
  })

  it('takes no request that was reset for one that has ended', async () => {
    for (const code of [0, 2, 8]) {
      const socket = await greet(path)
      socket.write(callFrame(1, ASK.path))
      socket.write(h2Frame(FRAME.DATA, 1, { payload: framed('reset') }))
      // Its answer says that what was said before it has been read.
      socket.write(h2Frame(FRAME.PING, 0, { payload: Buffer.from('01234567') }))
      for await (const part of socket.iterator({ destroyOnReturn: false })) {
        if ((part as Buffer).includes('01234567')) break
      }
      socket.end(resetFrame(1, code))
      await finished(socket.resume())
    }
    assert.equal((await call([framed('later')])).grpcStatus, 0)
    assert.deepEqual(asked, ['later'])
  })
})
