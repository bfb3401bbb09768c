import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { connectedUser, type ConnectedUser } from '../support/connected-user.ts'
import { rawRequest, rawResponse, type RawRequest } from '../support/raw-request.ts'
import { recordedStack } from '../support/recorded-stack.ts'
import { scriptedService, type Exchange } from '../support/services/scripted-service.ts'
import { beforeAll } from '../../support/before-all.ts'

const STREAM_SECONDS = 4
const BEAT_MS = 100
/** A busy machine cuts late. */
const LATE_SECONDS = 2.5

const SUBSCRIBE = JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'subscriptions/listen' })

/** A stream without an end of its own, as a client has it open. */
interface OpenStream {
  /** Resolves with the time, by `performance.now()`, when the client was cut off. */
  readonly cutMs: Promise<number>
  /** Whether the service was told that its stream is over. */
  readonly atService: Promise<void>
  events(): number
}

describe('A stream of a session that is revoked', function () {
  this.timeout(60_000)
  const service = scriptedService()

  const stack = beforeAll(() =>
    recordedStack({
      service: service.listener,
      changes: { authz: { STREAM_MAX_SECONDS: String(STREAM_SECONDS) } },
    }),
  )

  const headersOf = ({ accessToken }: ConnectedUser, more: readonly string[] = []): string[] => [
    ...['authorization', `Bearer ${accessToken}`, 'accept', 'application/json, text/event-stream'],
    ...more,
  ]
  const get = (user: ConnectedUser, more: readonly string[] = []): RawRequest => ({
    method: 'GET',
    headers: headersOf(user, more),
  })
  const subscription = (user: ConnectedUser): RawRequest => {
    const length = String(SUBSCRIBE.length)
    const more = ['content-type', 'application/json', 'content-length', length]
    const headers = headersOf(user, [...more, 'mcp-method', 'subscriptions/listen'])
    return { method: 'POST', headers, body: SUBSCRIBE }
  }

  async function open(sent: RawRequest, name: string): Promise<OpenStream> {
    const answering = rawResponse(stack.mcpUrl, sent)
    const stream = ((await service.next(name)) satisfies Exchange).stream()
    const response = await answering
    let events = 0
    response.on('error', () => undefined).on('data', () => (events += 1))
    const beating = setInterval(() => {
      stream.send({ method: 'notifications/message', params: { level: 'info', data: 'x' } }, 'event-1')
    }, BEAT_MS)
    const cutMs = new Promise<number>((resolve) => {
      response.once('close', () => {
        clearInterval(beating)
        resolve(performance.now())
      })
    })
    return { cutMs, atService: stream.closed, events: () => events }
  }

  it(`G13: ends within ${STREAM_SECONDS} s on both sides, and can be neither resumed nor opened again`, async () => {
    const writer = await connectedUser(stack, ADA, 'Read and change')
    const reader = await connectedUser(stack, ADA, 'Read only')
    const streams = await Promise.all([
      open(get(writer), 'GET'),
      open(subscription(writer), 'subscriptions/listen'),
    ])
    streams.push(await open(get(reader), 'GET'))
    const revokedMs = performance.now()
    for (const user of [writer, reader]) assert.equal(await user.revoke(), 200)

    const again = (user: ConnectedUser): readonly RawRequest[] => [
      get(user, ['last-event-id', 'event-1']),
      get(user, ['last-event-id', 'event-1', 'mcp-session-id', 'session-0']),
      get(user),
    ]
    const reached = stack.service.requests.length
    const ask = async (): Promise<void> => {
      for (const user of [writer, reader]) {
        for (const sent of again(user)) assert.equal((await rawRequest(stack.mcpUrl, sent)).status, 401)
        assert.equal((await user.ask()).status, 401)
      }
      assert.equal((await rawRequest(stack.mcpUrl, subscription(writer))).status, 401)
    }
    await ask()
    for (const stream of streams) {
      const seconds = ((await stream.cutMs) - revokedMs) / 1000
      assert.ok(stream.events() > 0)
      assert.ok(seconds < STREAM_SECONDS + LATE_SECONDS, `${seconds} s`)
      await stream.atService
    }
    await ask()
    assert.equal(stack.service.requests.length, reached, 'no request was allowed again')
  })
})
