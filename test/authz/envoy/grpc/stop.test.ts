import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { status } from '@grpc/grpc-js'
import type { Call } from '../../../../authz/envoy/grpc-handlers.ts'
import { until } from '../../../support/until.ts'
import { callHeaders, framed, openSession, rawCall } from './support/raw-call.ts'
import { ASK, read, serve, TALK, write, type Served, type Text } from './support/served.ts'

const GENEROUS_MS = 10_000

describe('The gRPC server, when it stops,', () => {
  let served: Served
  let calls: Call[]
  let held: PromiseWithResolvers<undefined>

  beforeEach(async () => {
    calls = []
    held = Promise.withResolvers()
    const hold = async (request: Text, call: Call): Promise<Text> => {
      calls.push(call)
      await held.promise
      return request
    }
    served = await serve({
      ask: hold,
      talk: async function* (requests, call) {
        for await (const request of requests) yield await hold(request, call)
      },
    })
  })

  function ask(): Promise<string | undefined> {
    const { promise, resolve, reject } = Promise.withResolvers<string | undefined>()
    served.client.makeUnaryRequest(ASK.path, write, read, { text: 'a' }, (error, reply) =>
      error === null ? resolve(reply?.text) : reject(error),
    )
    return promise
  }

  it('answers calls in flight and accepts no new ones', async () => {
    const session = openSession(served.path)
    const inFlight = [
      rawCall(session, callHeaders(ASK.path), { chunks: [framed('a')] }),
      rawCall(session, callHeaders(TALK.path), { chunks: [framed('a')] }),
    ]
    await until(() => calls.length === 2, 'the calls')
    const stopped = served.server.stop(GENEROUS_MS)
    await until(() => session.closed, 'the connection to be told')
    await assert.rejects(ask(), { code: status.UNAVAILABLE })
    assert.equal(existsSync(served.path), false)
    held.resolve(undefined)
    for (const { grpcStatus, body } of await Promise.all(inFlight)) {
      assert.deepEqual([grpcStatus, body.toString()], [0, framed('a').toString()])
    }
    await stopped
  })

  it('does not wait for idle connections', async () => {
    const session = openSession(served.path)
    const closed = new Promise<void>((resolve) => {
      session.once('close', resolve)
    })
    await until(() => session.remoteSettings.maxConcurrentStreams === 1024, 'the greeting')
    await Promise.all([served.server.stop(GENEROUS_MS), closed])
  })

  it('cuts off calls that take too long', async () => {
    const late = ask()
    await until(() => calls.length === 1, 'the call')
    await Promise.all([served.server.stop(50), assert.rejects(late, { code: status.UNAVAILABLE })])
    await until(() => calls[0]?.isGone === true, 'the call to end')
    held.resolve(undefined)
  })

  it('may be stopped twice', async () => {
    await Promise.all([served.server.stop(GENEROUS_MS), served.server.stop(GENEROUS_MS)])
    await served.server.stop(GENEROUS_MS)
  })
})
