import assert from 'node:assert/strict'
import { EventEmitter, once } from 'node:events'
import type { RequestListener } from 'node:http'
import { Client as Client1 } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport as Transport1 } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { CreateMessageRequestSchema, ElicitRequestSchema } from '@modelcontextprotocol/sdk/types.js'
import {
  Client as Client2,
  StreamableHTTPClientTransport as Transport2,
  type VersionNegotiationMode,
} from '@modelcontextprotocol/client'
import { ADA } from '../../../deploy/demo/people.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { connectedUser } from '../support/connected-user.ts'
import { COMPLETE } from '../support/handshake.ts'
import { sharedStack } from '../support/recorded-stack.ts'
import { scriptedService, type Exchange } from '../support/services/scripted-service.ts'
import { READING_TOOL } from './support/calls.ts'
import { beforeAll } from '../../support/before-all.ts'

type Client = Client1 | Client2

const DONE = { ...COMPLETE, content: [{ type: 'text', text: 'done' }] }
const ELICIT = {
  message: 'Which bucket?',
  requestedSchema: { type: 'object', properties: { bucket: { type: 'string' } } },
}
const SAMPLE = { messages: [{ role: 'user', content: { type: 'text', text: 'Summarize' } }], maxTokens: 10 }
const CHOSEN = { action: 'accept' as const, content: { bucket: 'quilt-lab' } }
const SAID = { model: 'm', role: 'assistant' as const, content: { type: 'text' as const, text: 'Done.' } }
const CAPABILITIES = { elicitation: {}, sampling: {} }

interface Sdk {
  readonly name: string
  /** Of MCP 2025-11-25, where a client may ping, and a service ask while it serves a call. */
  readonly isOf2025: boolean
  readonly connect: (url: string, token: string) => Promise<Client>
}

async function withSdk1(url: string, token: string): Promise<Client> {
  const client = new Client1({ name: 'test', version: '1' }, { capabilities: CAPABILITIES })
  client.setRequestHandler(ElicitRequestSchema, () => CHOSEN)
  client.setRequestHandler(CreateMessageRequestSchema, () => SAID)
  await client.connect(new Transport1(new URL(url), { requestInit: { headers: bearer(token) } }))
  return client
}

async function withSdk2(mode: VersionNegotiationMode, url: string, token: string): Promise<Client> {
  const options = { capabilities: CAPABILITIES, versionNegotiation: { mode } }
  const client = new Client2({ name: 'test', version: '2' }, options)
  client.setRequestHandler('elicitation/create', () => CHOSEN)
  client.setRequestHandler('sampling/createMessage', () => SAID)
  await client.connect(new Transport2(new URL(url), { requestInit: { headers: bearer(token) } }))
  return client
}

const SDKS: readonly Sdk[] = [
  { name: 'SDK 1.x in MCP 2025-11-25', isOf2025: true, connect: withSdk1 },
  { name: 'SDK 2.x in MCP 2025-11-25', isOf2025: true, connect: (...to) => withSdk2('legacy', ...to) },
  { name: 'SDK 2.x in MCP 2026-07-28', isOf2025: false, connect: (...to) => withSdk2('auto', ...to) },
]

function bearer(token: string): { authorization: string } {
  return { authorization: `Bearer ${token}` }
}

describe('An MCP client in a read-only session', function () {
  this.timeout(60_000)
  const service = scriptedService()
  const cancelled = new EventEmitter()

  const stack = beforeAll(() => sharedStack(listening))
  const reader = beforeAll(() => connectedUser(stack, ADA, 'Read only'))

  /** The scripted service accepts notifications by itself. */
  const listening: RequestListener = (request, response) => {
    let body = ''
    request.on('data', (chunk: Buffer) => (body += chunk.toString()))
    request.once('end', () => body.includes('notifications/cancelled') && cancelled.emit('cancelled', body))
    service.listener(request, response)
  }

  for (const { name, isOf2025, connect } of SDKS) {
    describe(`with the ${name}`, () => {
      const client = beforeAll(() => connect(stack.mcpUrl, reader.accessToken))

      before(() => {
        closeAfterAll(() => client.close())
      })

      const call = (options: object = {}) => {
        const asked = { name: READING_TOOL, arguments: {} }
        return client instanceof Client1
          ? client.callTool(asked, undefined, options)
          : client.callTool(asked, options)
      }

      it('gets each progress event of a call, and then its result', async () => {
        const received = new EventEmitter()
        const result = call({
          onprogress: ({ progress }: { progress: number }) => void received.emit('progress', progress),
        })
        const exchange = await service.next('tools/call')
        const stream = exchange.stream()
        const progressToken = exchange.message?.params?._meta?.progressToken
        for (const progress of [1, 2]) {
          const arrival = once(received, 'progress')
          stream.send({ method: 'notifications/progress', params: { progressToken, progress } })
          assert.deepEqual(await arrival, [progress])
        }
        stream.send({ id: exchange.message?.id, result: DONE })
        stream.end()
        assert.deepEqual((await result).content, DONE.content)
      })

      if (!isOf2025) return
      it('can cancel a call, and the service gets the cancellation', async () => {
        const cancelling = new AbortController()
        const result = call({ signal: cancelling.signal })
        const exchange = await service.next('tools/call')
        exchange.stream()
        const cancellation = once(cancelled, 'cancelled')
        cancelling.abort('enough')
        await assert.rejects(Promise.resolve(result))
        const { params } = JSON.parse(String(await cancellation)) as { params: { requestId: unknown } }
        assert.equal(params.requestId, exchange.message?.id)
      })

      it('can ping the service', async () => {
        const pong = client.ping()
        ;(await service.next('ping')).result({})
        assert.deepEqual(await pong, {})
      })

      it('answers the service’s elicitation and sampling requests during a call', async () => {
        const result = call()
        const exchange = await service.next('tools/call')
        const stream = exchange.stream()
        for (const [id, method, params, answer] of [
          ['ask-1', 'elicitation/create', ELICIT, CHOSEN],
          ['ask-2', 'sampling/createMessage', SAMPLE, SAID],
        ] as const) {
          stream.send({ id, method, params })
          const answered = await service.next('POST')
          assert.deepEqual(resultOf(answered), { id, result: answer })
          answered.answer(202, '')
        }
        stream.send({ id: exchange.message?.id, result: DONE })
        stream.end()
        assert.deepEqual((await result).content, DONE.content)
      })
    })
  }
})

function resultOf({ message }: Exchange): object {
  const { id, result } = message as { id?: unknown; result?: unknown }
  return { id, result }
}
