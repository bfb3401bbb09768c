import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import { ADA } from '../../../deploy/demo/people.ts'
import { connectAs } from '../support/consent.ts'
import { GENERATIONS, GENERATIONS_OF_2025, type Connect } from '../support/generations.ts'
import { COMPLETE } from '../support/handshake.ts'
import { mcpUser2 } from '../support/mcp-user-2.ts'
import { recordedStack } from '../support/recorded-stack.ts'
import { scriptedService, type Exchange } from '../support/services/scripted-service.ts'
import { beforeAll } from '../../support/before-all.ts'

const STREAM_SECONDS = 3
const TOOLS_CHANGED = { method: 'notifications/tools/list_changed' }
const REGION = 'Zürich'

/** The service sends an event only when the client has the one before, so a buffer would hang the test. */
describe('What a service answers', function () {
  this.timeout(60_000)
  const service = scriptedService()

  const stack = beforeAll(() =>
    recordedStack({
      service: service.listener,
      changes: { authz: { STREAM_MAX_SECONDS: String(STREAM_SECONDS) } },
    }),
  )

  for (const { name, connect } of GENERATIONS) {
    it(`arrives event by event, or as JSON: ${name}`, async () => {
      const { client } = await connect(stack.mcpUrl, ADA)
      assert.deepEqual(await client.toolNames(), ['run'])
      const told = new EventEmitter()
      const result = client.call('run', { region: REGION }, (message) => void told.emit('progress', message))
      const call = await service.next('tools/call')
      const stream = call.stream()
      for (const [at, message] of ['one', 'two', 'three'].entries()) {
        const arrival = once(told, 'progress')
        stream.send(progress(call, at + 1, message))
        assert.deepEqual(await arrival, [message])
      }
      stream.send({ id: call.message?.id, result: resultOf('done') })
      stream.end()
      assert.equal(await result, 'done')

      const plain = client.call('run', {})
      const second = await service.next('tools/call')
      second.result(resultOf('plain'))
      assert.equal(await plain, 'plain')
    })
  }

  it('is asked for with the method, tool and argument in headers, which arrive as they were sent', async () => {
    const client = await connectAs(await mcpUser2(stack.mcpUrl, 'auto'), ADA)
    await client.listTools()
    const result = client.callTool({ name: 'run', arguments: { region: REGION } })
    const call = await service.next('tools/call')
    assert.equal(call.headers['mcp-method'], 'tools/call')
    assert.equal(call.headers['mcp-name'], 'run')
    const encoded = Buffer.from(REGION).toString('base64')
    assert.equal(call.headers['mcp-param-region'], `=?base64?${encoded}?=`)
    call.result(resultOf('done'))
    await result
  })

  describe('on a stream that is cut', () => {
    const streams = new Map<string, Awaited<ReturnType<typeof getStream>>>()
    const subscribed = beforeAll(() => subscriber())

    // All at once, so that the tests wait for the first end only.
    before(async () => {
      for (const { name, connect } of GENERATIONS_OF_2025) streams.set(name, await getStream(connect))
    })

    /** Of a client that has got two events. */
    async function getStream(connect: Connect) {
      const { client } = await connect(stack.mcpUrl, ADA)
      const told = new EventEmitter()
      client.onToolsChanged(() => void told.emit('changed'))
      const request = await service.next('GET')
      const { session } = request
      const first = request.stream()
      for (const id of ['event-1', 'event-2']) {
        const arrival = once(told, 'changed')
        first.send(TOOLS_CHANGED, id)
        await arrival
      }
      return { first, session, told }
    }

    for (const { name } of GENERATIONS_OF_2025) {
      it(`comes after a GET that the client resumes where it was cut: ${name}`, async () => {
        const { first, session, told } = streams.get(name) ?? assert.fail(name)
        await first.closed
        const resumed = await service.next('GET', session)
        assert.equal(resumed.headers['last-event-id'], 'event-2')
        const arrival = once(told, 'changed')
        resumed.stream().send(TOOLS_CHANGED, 'event-3')
        await arrival
      })
    }

    async function subscriber() {
      const client = await connectAs(await mcpUser2(stack.mcpUrl, 'auto'), ADA)
      const told = new EventEmitter()
      client.setNotificationHandler('notifications/tools/list_changed', () => void told.emit('changed'))
      const subscribe = async () => {
        const listening = client.listen({ toolsListChanged: true })
        const request = await service.next('subscriptions/listen')
        assert.equal(request.headers['mcp-method'], 'subscriptions/listen')
        const stream = request.stream()
        stream.send(acknowledged(request))
        return { request, stream, subscription: await listening }
      }
      const tell = async ({ request, stream }: Awaited<ReturnType<typeof subscribe>>): Promise<void> => {
        const arrival = once(told, 'changed')
        stream.send({ ...TOOLS_CHANGED, params: { _meta: subscriptionOf(request) } })
        await arrival
      }
      const first = await subscribe()
      await tell(first)
      await tell(first)
      return { first, subscribe, tell }
    }

    it('comes on a subscription of 2026-07-28, which the client opens again where it was cut', async () => {
      const { first, subscribe, tell } = subscribed
      assert.equal(await first.subscription.closed, 'remote')
      await first.stream.closed

      const second = await subscribe()
      await tell(second)
      await second.subscription.close()
      await second.stream.closed
    })
  })
})

function progress({ message }: Exchange, at: number, text: string): object {
  const progressToken = message?.params?._meta?.progressToken
  return { method: 'notifications/progress', params: { progressToken, progress: at, message: text } }
}

function resultOf(text: string): object {
  return { ...COMPLETE, content: [{ type: 'text', text }] }
}

function acknowledged(request: Exchange): object {
  const params = { notifications: { toolsListChanged: true }, _meta: subscriptionOf(request) }
  return { method: 'notifications/subscriptions/acknowledged', params }
}

function subscriptionOf({ message }: Exchange): object {
  return { 'io.modelcontextprotocol/subscriptionId': message?.id }
}
