import assert from 'node:assert/strict'
import { once } from 'node:events'
import { subscribe, unsubscribe } from 'node:diagnostics_channel'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import { status, type ClientDuplexStream } from '@grpc/grpc-js'
import { GrpcError, type StreamHandler } from '../../../../authz/envoy/grpc-handlers.ts'
import { until } from '../../../support/until.ts'
import { callFrame, FRAME, greet, h2Frame, resetFrame } from './support/raw-frames.ts'
import { callHeaders, framed, openSession, rawCall } from './support/raw-call.ts'
import { read, serve, TALK, write, type Text } from './support/served.ts'
import { beforeAll } from '../../../support/before-all.ts'

const MAX_BYTES = 100_000

type Talk = ClientDuplexStream<Text, Text>

describe('A streaming method', () => {
  let handler: StreamHandler<Text, Text>

  const served = beforeAll(() => serve({ talk: (requests, call) => handler(requests, call) }, MAX_BYTES))

  beforeEach(() => {
    handler = async function* (requests) {
      for await (const { text } of requests) yield { text: text.toUpperCase() }
    }
  })

  function talk(options: { deadline?: number } = {}): Talk {
    return served.client.makeBidiStreamRequest(TALK.path, write, read, options)
  }

  /** All answers, after the call ended with OK. */
  async function answersOf(call: Talk): Promise<string[]> {
    const texts: string[] = []
    for await (const { text } of call) texts.push(text as string)
    return texts
  }

  async function failureOf(call: Talk): Promise<{ code: number; details: string }> {
    call.on('data', () => undefined)
    const [error] = (await once(call, 'error')) as [{ code: number; details: string }]
    return error
  }

  it('answers each request when it arrives', async () => {
    const call = talk()
    for (const text of ['a', 'b', '']) {
      call.write({ text })
      const [answer] = (await once(call, 'data')) as [Text]
      assert.equal(answer.text, text.toUpperCase())
    }
    const [ended] = [once(call, 'status'), call.end()]
    const [{ code }] = (await ended) as [{ code: number }]
    assert.equal(code, status.OK)
  })

  it('ends with OK when neither side sent a message', async () => {
    const call = talk()
    call.end()
    assert.deepEqual(await answersOf(call), [])
  })

  it('may answer after the last request', async () => {
    handler = async function* (requests) {
      const texts: string[] = []
      for await (const { text } of requests) texts.push(text)
      yield { text: texts.join('+') }
    }
    const call = talk()
    for (const text of ['a', 'b', 'c']) call.write({ text })
    call.end()
    assert.deepEqual(await answersOf(call), ['a+b+c'])
  })

  it('fails when the handler ends before the caller', async () => {
    handler = async function* (requests) {
      for await (const { text } of requests) {
        yield { text }
        return
      }
    }
    const call = talk()
    call.write({ text: 'a' })
    assert.equal((await failureOf(call)).code, status.INTERNAL)
    handler = async function* () {
      // Nothing is read, and nothing answered.
    }
    assert.equal((await failureOf(talk())).code, status.INTERNAL)
  })

  const broken: [what: string, thrown: unknown, code: number, details: string][] = [
    ['the status of a GrpcError', new GrpcError(status.RESOURCE_EXHAUSTED, 'too many'), 8, 'too many'],
    ['INTERNAL and no word more when its handler throws', new Error('a secret'), 13, ''],
  ]
  for (const [what, thrown, code, details] of broken) {
    for (const answers of [0, 1]) {
      it(`fails with ${what}, after ${answers} answers`, async () => {
        handler = async function* (requests) {
          for await (const { text } of requests) {
            if (text === 'last') throw thrown
            yield { text }
          }
        }
        const call = talk()
        const failure = failureOf(call)
        for (let count = 0; count < answers; count += 1) call.write({ text: 'a' })
        call.write({ text: 'last' })
        const { code: seen, details: told } = await failure
        assert.deepEqual([seen, told], [code, details])
      })
    }
  }

  it('ends at the caller’s deadline only', async () => {
    let ended = false
    handler = async function* (requests) {
      try {
        for await (const request of requests) yield request
      } finally {
        ended = true
      }
    }
    assert.equal((await failureOf(talk({ deadline: Date.now() + 50 }))).code, status.DEADLINE_EXCEEDED)
    await until(() => ended, 'the handler to end')
  })

  for (const code of [0, 2, 8]) {
    it(`throws from its requests when the caller resets the call with code ${code}`, async () => {
      let outcome: unknown
      handler = async function* (requests, call) {
        try {
          for await (const request of requests) yield request
          outcome = 'ended'
        } catch {
          outcome = { isGone: call.isGone }
        }
      }
      const socket = await greet(served.path)
      socket.write(callFrame(1, TALK.path))
      socket.write(h2Frame(FRAME.DATA, 1, { payload: framed('a') }))
      await answered(socket, framed('a'))
      socket.write(resetFrame(1, code))
      await until(() => outcome !== undefined, 'the handler to end')
      assert.deepEqual(outcome, { isGone: true })
    })
  }

  /** Resolves when the bytes have returned. */
  async function answered(socket: Socket, bytes: Buffer): Promise<void> {
    let received = Buffer.alloc(0)
    for await (const part of socket.iterator({ destroyOnReturn: false })) {
      received = Buffer.concat([received, part as Buffer])
      if (received.includes(bytes)) return
    }
  }

  it('ends when its caller cancels', async () => {
    let ended: (() => boolean) | undefined
    handler = async function* (requests, call) {
      for await (const request of requests) yield request
      ended = () => call.isGone
    }
    const call = talk()
    call.on('error', () => undefined)
    call.write({ text: 'a' })
    await once(call, 'data')
    call.cancel()
    await until(() => ended?.() === true, 'the handler to end')
  })

  it('refuses a malformed message after a valid one', async () => {
    const session = openSession(served.path)
    for (const [last, code] of [
      [framed('a', { length: MAX_BYTES + 1 }), status.RESOURCE_EXHAUSTED],
      [framed('not a message'), status.INTERNAL],
    ] as const) {
      const chunks = [framed('good'), last]
      const answer = await rawCall(session, callHeaders(TALK.path), { chunks })
      assert.equal(answer.grpcStatus, code)
    }
  })

  it('keeps no memory of a call that failed before all of it was read', async () => {
    const begun: Duplex[] = []
    const note = (message: unknown): void => void begun.push((message as { stream: Duplex }).stream)
    subscribe('http2.server.stream.start', note)
    const held = Promise.withResolvers<undefined>()
    handler = async function* (requests) {
      for await (const request of requests) {
        await held.promise
        yield request
        throw new Error('a secret')
      }
    }
    const session = openSession(served.path)
    const chunks = [framed('a'), framed('b'.repeat(50_000))]
    const call = rawCall(session, callHeaders(TALK.path), { chunks, open: true })
    await until(() => begun.length === 1, 'the call')
    // A connection is read in order: after this, all of it has arrived.
    await new Promise((resolve) => session.ping(resolve))
    held.resolve(undefined)
    assert.equal((await call).grpcStatus, status.INTERNAL)
    unsubscribe('http2.server.stream.start', note)
    await until(() => begun.every((one) => one.destroyed), 'the stream to be let go of')
  })

  describe('where one side is slower', () => {
    const text = 'x'.repeat(50_000)
    const MESSAGES = 100

    it('stops answering a caller that does not read', async () => {
      let sent = 0
      handler = async function* (requests) {
        for (; sent < MESSAGES; sent += 1) yield { text }
        yield* requests
      }
      const one = openSession(served.path).request(callHeaders(TALK.path), { endStream: true })
      await until(() => sent > 0, 'the first answer')
      await pause()
      const before = sent
      assert.ok(before < MESSAGES / 2, `${before} of ${MESSAGES} were sent`)
      assert.equal(await lengthOf(one), MESSAGES * framed(text).length)
    })

    it('ends its handler when a caller that does not read is gone', async () => {
      let ended = false
      handler = async function* () {
        try {
          for (;;) yield await Promise.resolve({ text })
        } finally {
          ended = true
        }
      }
      for (const go of [
        (socket: Socket) => socket.write(resetFrame(1)),
        (socket: Socket) => socket.destroy(),
      ]) {
        ended = false
        const socket = await greet(served.path)
        socket.write(callFrame(1, TALK.path))
        await once(socket, 'readable')
        await pause()
        assert.equal(ended, false)
        go(socket)
        await until(() => ended, 'the handler to end')
      }
    })

    it('does not read what its handler does not ask for', async () => {
      const held = Promise.withResolvers<undefined>()
      handler = async function* (requests) {
        await held.promise
        for await (const request of requests) yield request
      }
      const session = openSession(served.path)
      const one = session.request(callHeaders(TALK.path))
      for (let count = 0; count < MESSAGES; count += 1) one.write(framed(text))
      one.end()
      await pause()
      const taken = MESSAGES * text.length - one.writableLength
      assert.ok(taken < 1_000_000, `${taken} bytes were taken`)
      held.resolve(undefined)
      assert.equal(await lengthOf(one), MESSAGES * framed(text).length)
    })

    async function lengthOf(one: AsyncIterable<Buffer>): Promise<number> {
      let length = 0
      for await (const part of one) length += part.length
      return length
    }

    /** Long enough for all messages. */
    async function pause(): Promise<void> {
      for (let turns = 0; turns < 200; turns += 1) await new Promise((resolve) => setImmediate(resolve))
    }
  })
})
