import assert from 'node:assert/strict'
import { status } from '@grpc/grpc-js'
import { service } from 'grpc-health-check'
import { Health } from '../../../authz/grpc/health.ts'
import { methodOf } from '../../../proto/load.ts'
import { callHeaders, openSession, rawCall } from './support/raw-call.ts'
import { serve, type Served } from './support/served.ts'

describe('grpc.health.v1', () => {
  let health: Health
  let served: Served

  before(async () => {
    health = new Health(['test.Service'])
    served = await serve([health.method])
  })

  /** As grpc-health-check, which is gRPC's own, asks and reads it. */
  function statusOf(name: string): Promise<unknown> {
    const { path, requestSerialize, responseDeserialize } = methodOf(service as never, 'Check')
    const { promise, resolve, reject } = Promise.withResolvers<unknown>()
    served.client.makeUnaryRequest(
      path,
      requestSerialize,
      responseDeserialize,
      { service: name },
      (error, reply) => (error === null ? resolve((reply as { status?: unknown }).status) : reject(error)),
    )
    return promise
  }

  it('says that the server and its service may be called', async () => {
    assert.equal(await statusOf(''), 'SERVING')
    assert.equal(await statusOf('test.Service'), 'SERVING')
  })

  it('knows no other service', async () => {
    for (const name of ['other', 'test.service', 'constructor']) {
      await assert.rejects(statusOf(name), { code: status.NOT_FOUND })
    }
  })

  it('is not watched, which callers take for healthy while connected', async () => {
    const answer = await rawCall(openSession(served.path), callHeaders('/grpc.health.v1.Health/Watch'), {
      chunks: [],
    })
    assert.equal(answer.grpcStatus, status.UNIMPLEMENTED)
  })

  it('says when nobody should call any more', async () => {
    health.stop()
    assert.equal(await statusOf(''), 'NOT_SERVING')
    assert.equal(await statusOf('test.Service'), 'NOT_SERVING')
  })
})
