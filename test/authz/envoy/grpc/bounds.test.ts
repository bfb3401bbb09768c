import assert from 'node:assert/strict'
import type { Socket } from 'node:net'
import { buffer } from 'node:stream/consumers'
import fc from 'fast-check'
import { MAX_CONNECTIONS } from '../../../../authz/envoy/grpc-server.ts'
import { until } from '../../../support/until.ts'
import { callHeaders, framed, openSession, rawCall } from './support/raw-call.ts'
import { callFrame, END_STREAM, FRAME, greet, h2Frame, openSocket, resetFrame } from './support/raw-frames.ts'
import { ASK, serve, type Served, type Text } from './support/served.ts'

describe('The gRPC server under attack', () => {
  let served: Served
  let held: PromiseWithResolvers<undefined> | undefined
  let begun: number

  before(async () => {
    const echo = async (request: Text): Promise<Text> => {
      begun += 1
      await held?.promise
      return request
    }
    served = await serve({ ask: echo })
  })

  beforeEach(() => {
    held = undefined
    begun = 0
  })

  async function lives(): Promise<void> {
    const session = openSession(served.path)
    const answer = await rawCall(session, callHeaders(ASK.path), { chunks: [framed('a')] })
    assert.equal(answer.grpcStatus, 0)
    session.close()
  }

  /** Resolves when the server has closed the connection. */
  async function cut(socket: Socket): Promise<void> {
    socket.resume()
    await closing(socket)
  }

  // once() of node:events would reject at an error, which is expected here.
  const closing = (socket: Socket): Promise<unknown> =>
    new Promise((resolve) => socket.once('close', resolve))
  const drained = (socket: Socket): Promise<unknown> =>
    new Promise((resolve) => socket.once('drain', resolve))

  function heard(socket: Socket): () => Buffer {
    const parts: Buffer[] = []
    socket.on('data', (part) => parts.push(part))
    return () => Buffer.concat(parts)
  }

  it('accepts the max number of calls per connection and refuses more', async () => {
    held = Promise.withResolvers()
    const socket = await greet(served.path)
    const answer = heard(socket)
    const calls = Array.from({ length: 1025 }, (_, index) => [
      callFrame(2 * index + 1, ASK.path),
      h2Frame(FRAME.DATA, 2 * index + 1, { flags: END_STREAM, payload: framed('a') }),
    ])
    socket.write(Buffer.concat(calls.flat()))
    await until(() => begun === 1024, 'the calls')
    held.resolve(undefined)
    // REFUSED_STREAM, which is safe to retry (RFC 9113 section 8.7).
    await until(() => socket.bytesRead > 0 && answer().includes(resetFrame(2049, 7)), 'the refusal')
    assert.equal(begun, 1024)
    socket.destroy()
    await lives()
  })

  /** Writes bytes until the server disconnects, without reading; returns the number of writes. */
  async function flood(socket: Socket, say: (turn: number) => Buffer, turns: number): Promise<void> {
    const closed = closing(socket)
    for (let turn = 0; turn < turns && socket.writable; turn += 1000) {
      const batch = Array.from({ length: 1000 }, (_, index) => say(turn + index))
      if (!socket.write(Buffer.concat(batch))) await Promise.race([drained(socket), closed])
    }
    socket.resume()
  }

  const floods: [what: string, say: (turn: number) => Buffer][] = [
    ['sends settings', () => h2Frame(FRAME.SETTINGS, 0)],
    ['pings', () => h2Frame(FRAME.PING, 0, { payload: Buffer.alloc(8) })],
    ['resets calls that it never opened', (turn) => resetFrame(2 * turn + 1)],
  ]
  for (const [what, say] of floods) {
    it(`disconnects a client that ${what} without end, and no other`, async () => {
      const other = openSession(served.path)
      await rawCall(other, callHeaders(ASK.path), { chunks: [framed('a')] })
      const socket = await greet(served.path)
      const closed = closing(socket)
      await flood(socket, say, 100_000)
      await closed
      const answer = await rawCall(other, callHeaders(ASK.path), { chunks: [framed('a')] })
      assert.equal(answer.grpcStatus, 0)
      other.close()
    })
  }

  it('answers other clients while one opens and resets calls as fast as it can', async () => {
    const call = (turn: number): Buffer => callFrame(2 * turn + 1, ASK.path)
    const reset = (turn: number): Buffer => resetFrame(2 * turn + 1)
    const socket = await greet(served.path)
    const flooded = flood(socket, (turn) => Buffer.concat([call(turn), reset(turn)]), 5000)
    for (let count = 0; count < 5; count += 1) await lives()
    await flooded
    socket.destroy()
    await lives()
    assert.equal(begun, 6)
  })

  it('accepts the max number of connections, and no more', async () => {
    const sockets = await Promise.all(Array.from({ length: MAX_CONNECTIONS + 8 }, () => greet(served.path)))
    const open = (): Socket[] => sockets.filter((socket) => !socket.closed)
    for (const socket of sockets) socket.resume()
    await until(() => open().length <= MAX_CONNECTIONS, 'the others to be closed')
    for (const socket of sockets) socket.destroy()
    await until(
      () =>
        lives().then(
          () => true,
          () => false,
        ),
      'room for one',
    )
  })

  it('survives random bytes before and after the HTTP/2 preface', async () => {
    await fc.assert(
      fc.asyncProperty(fc.boolean(), fc.uint8Array({ maxLength: 200 }), async (greets, bytes) => {
        const socket = greets ? await greet(served.path) : await openSocket(served.path)
        const closed = cut(socket)
        socket.end(bytes)
        await closed
      }),
      { numRuns: 200, seed: 1 },
    )
    await lives()
  })

  it('survives random frames in any order', async () => {
    const anyFrame = fc
      .record({
        type: fc.nat(12),
        streamId: fc.oneof(fc.nat(9), fc.nat(2 ** 31 - 1)),
        flags: fc.nat(255),
        payload: fc.uint8Array({ maxLength: 60 }),
      })
      .map(({ type, streamId, ...rest }) =>
        h2Frame(type, streamId, { ...rest, payload: Buffer.from(rest.payload) }),
      )
    const good = fc.constantFrom(
      callFrame(1, ASK.path),
      callFrame(3, ASK.path),
      h2Frame(FRAME.DATA, 1, { flags: END_STREAM, payload: framed('a') }),
      h2Frame(FRAME.DATA, 3, { payload: framed('a') }),
      resetFrame(1, 0),
      resetFrame(3),
    )
    await fc.assert(
      fc.asyncProperty(fc.array(fc.oneof(good, anyFrame), { maxLength: 8 }), async (frames) => {
        const socket = await greet(served.path)
        const closed = cut(socket)
        socket.end(Buffer.concat(frames))
        await closed
      }),
      { numRuns: 500, seed: 1 },
    )
    await lives()
  })

  it('does not answer HTTP/1', async () => {
    const socket = await openSocket(served.path)
    socket.end('POST / HTTP/1.1\r\nhost: a\r\n\r\n')
    const answer = await buffer(socket)
    assert.ok(!answer.includes('HTTP/1'))
    await lives()
  })
})
