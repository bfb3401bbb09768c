import assert from 'node:assert/strict'
import { status as grpcStatus } from '@grpc/grpc-js'
import { OpenAnswers } from '../../../authz/list-filter/open-answers.ts'
import { GrpcError } from '../../../authz/envoy/grpc-handlers.ts'
import { until } from '../../support/until.ts'
import { startFilter, type Begun } from './support/filter-client.ts'
import { bodyMessage, headersMessage } from './support/messages.ts'

const MAX_PER_USER = 128

describe('Open answers', () => {
  it('are limited per user and in total', () => {
    const open = new OpenAnswers({ answers: 3, perUser: 2, bytes: 0 })
    const [first] = [open.begin('ada'), open.begin('ada')]
    assert.throws(() => open.begin('ada'), GrpcError)
    open.begin('bob')
    assert.throws(() => open.begin('cy'), GrpcError)
    first.end()
    open.begin('cy')
    assert.throws(() => open.begin('ada'), GrpcError)
  })

  it('are limited in held bytes', () => {
    const open = new OpenAnswers({ answers: 10, perUser: 10, bytes: 100 })
    const [one, other] = [open.begin('ada'), open.begin('bob')]
    one.setHeldBytes(40)
    one.setHeldBytes(60)
    other.setHeldBytes(40)
    assert.throws(() => other.setHeldBytes(41), GrpcError)
    other.end()
    one.setHeldBytes(100)
  })

  it('hold incomplete documents, and nothing after the stream was cancelled', async () => {
    const filter = await startFilter()
    const piece = bodyMessage(Buffer.alloc(2 * 1_048_576, ' '), false)
    const wait = (): Promise<Begun> => filter.begin(headersMessage(), piece)
    const held: Begun[] = []
    for (let turn = 0; turn < 64; turn += 1) held.push(await wait())
    assert.ok(held.every(({ ended }) => ended === undefined))
    assert.equal((await wait()).ended, grpcStatus.RESOURCE_EXHAUSTED)
    for (const { cancel } of held) cancel()
    await until(async () => {
      const { ended, cancel } = await wait()
      cancel()
      return ended === undefined
    }, 'room')
  })

  it('leave room for other users, and for the same user once they end', async () => {
    const filter = await startFilter()
    const stream = { contentType: ['text/event-stream'] }
    const held = await Promise.all(
      Array.from({ length: MAX_PER_USER }, () => filter.begin(headersMessage(stream))),
    )
    assert.ok(held.every(({ ended }) => ended === undefined))
    const oneMore = async (subject = 'ada'): Promise<number | undefined> => {
      const { ended, cancel } = await filter.begin(headersMessage({ ...stream, subject }))
      cancel()
      return ended
    }
    assert.equal(await oneMore(), grpcStatus.RESOURCE_EXHAUSTED)
    assert.equal(await oneMore('bob'), undefined)
    for (const { cancel } of held) cancel()
    await until(async () => (await oneMore()) === undefined, 'room')
  })

  it('end with an error at a second response_headers message', async () => {
    const filter = await startFilter()
    const { ended } = await filter.send([headersMessage(), headersMessage(), bodyMessage('', true)])
    assert.equal(ended, grpcStatus.INTERNAL)
  })
})
