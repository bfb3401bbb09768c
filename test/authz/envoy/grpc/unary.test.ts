import assert from 'node:assert/strict'
import { Metadata, status, type CallOptions, type ClientUnaryCall } from '@grpc/grpc-js'
import { GrpcError, type Call, type UnaryHandler } from '../../../../authz/envoy/grpc-handlers.ts'
import { until } from '../../../support/until.ts'
import { callHeaders, framed, openSession } from './support/raw-call.ts'
import { ASK, read, serve, write, type Text } from './support/served.ts'
import { beforeAll } from '../../../support/before-all.ts'

const MAX_BYTES = 1024 * 1024

describe('A unary method', () => {
  let answer: UnaryHandler<Text, Text>

  const served = beforeAll(() => serve({ ask: (request, call) => answer(request, call) }, MAX_BYTES))

  beforeEach(() => {
    answer = ({ text }) => Promise.resolve({ text: text.toUpperCase() })
  })

  interface Asked {
    readonly call: ClientUnaryCall
    readonly reply: Promise<string>
  }

  function begin(text: string, options: CallOptions = {}, metadata = new Metadata()): Asked {
    const { promise, resolve, reject } = Promise.withResolvers<string>()
    const call = served.client.makeUnaryRequest(
      ASK.path,
      write,
      read,
      { text },
      metadata,
      options,
      (error, reply) => (error === null ? resolve(reply?.text ?? '') : reject(error)),
    )
    return { call, reply: promise }
  }

  const ask = (text: string): Promise<string> => begin(text).reply

  it('answers', async () => {
    assert.equal(await ask('hello'), 'HELLO')
  })

  it('answers an empty message with an empty message', async () => {
    assert.equal(await ask(''), '')
  })

  it('answers a message of the max size with one', async () => {
    const text = 'a'.repeat(MAX_BYTES)
    assert.equal(await ask(text), text.toUpperCase())
  })

  it('gives each of many calls at once its own answer', async () => {
    const texts = Array.from({ length: 500 }, (_, index) => `call-${index}`)
    answer = async ({ text }) => {
      await new Promise((resolve) => setImmediate(resolve))
      return { text: `${text} answered` }
    }
    assert.deepEqual(
      await Promise.all(texts.map(ask)),
      texts.map((text) => `${text} answered`),
    )
  })

  it('sees the metadata of its call, several of one name joined by commas', async () => {
    answer = (_, call) =>
      Promise.resolve({ text: JSON.stringify([call.metadata('x-stage'), call.metadata('x-other')]) })
    const metadata = new Metadata()
    assert.equal(await begin('', {}, metadata).reply, '[null,null]')
    metadata.add('x-stage', 'authenticate')
    assert.equal(await begin('', {}, metadata).reply, '["authenticate",null]')
    metadata.add('x-stage', 'tool_access')
    assert.equal(await begin('', {}, metadata).reply, '["authenticate, tool_access",null]')
  })

  it('ends a call as its handler says, in whatever words', async () => {
    for (const details of ['not here', '100 % of “it”\n\u0000\u{1f600}', '']) {
      answer = () => Promise.reject(new GrpcError(status.NOT_FOUND, details))
      await assert.rejects(ask('a'), { code: status.NOT_FOUND, details })
    }
  })

  const broken: [what: string, handler: UnaryHandler<Text, Text>][] = [
    ['rejects', () => Promise.reject(new Error('a secret'))],
    [
      'throws',
      () => {
        throw new Error('a secret')
      },
    ],
  ]
  for (const [what, handler] of broken) {
    it(`answers INTERNAL and no word more when its handler ${what}`, async () => {
      answer = handler
      await assert.rejects(ask('a'), { code: status.INTERNAL, details: '' })
    })
  }

  describe('whose caller is gone', () => {
    let call: Call | undefined
    let goOn: () => void

    beforeEach(() => {
      call = undefined
      answer = async (_, one) => {
        call = one
        await new Promise<void>((resolve) => (goOn = resolve))
        return { text: 'late' }
      }
    })

    const ended = (): boolean => call?.isGone === true

    it('knows it at the deadline', async () => {
      const begun = performance.now()
      await assert.rejects(begin('a', { deadline: Date.now() + 50 }).reply, {
        code: status.DEADLINE_EXCEEDED,
      })
      assert.ok(performance.now() - begun < 1000)
      await until(ended, 'the call to end')
      goOn()
    })

    it('knows it when the caller cancels', async () => {
      const asked = begin('a')
      await until(() => call !== undefined, 'the call')
      assert.equal(ended(), false)
      asked.call.cancel()
      await assert.rejects(asked.reply, { code: status.CANCELLED })
      await until(ended, 'the call to end')
      goOn()
    })

    it('knows it when the connection is lost', async () => {
      const session = openSession(served.path)
      session
        .request(callHeaders(ASK.path))
        .on('error', () => undefined)
        .end(framed('a'))
      await until(() => call !== undefined, 'the call')
      assert.equal(ended(), false)
      session.destroy()
      await until(ended, 'the call to end')
      goOn()
    })

    afterEach(async () => {
      answer = () => Promise.resolve({ text: 'still here' })
      assert.equal(await ask('a'), 'still here')
    })
  })
})
