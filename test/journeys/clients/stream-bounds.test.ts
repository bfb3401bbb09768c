import assert from 'node:assert/strict'
import { ADA } from '../../../deploy/demo/people.ts'
import { connectedUser } from '../support/connected-user.ts'
import { rawResponse } from '../support/raw-request.ts'
import { recordedStack } from '../support/recorded-stack.ts'
import { scriptedService } from '../support/services/scripted-service.ts'

/** Envoy's times, a hundredth of what they are elsewhere. */
const SHORTENED = [
  ['request_timeout: 60s', 'request_timeout: 0.6s'],
  ['stream_idle_timeout: 300s', 'stream_idle_timeout: 3s'],
  [' idle_timeout: "60s"', ' idle_timeout: "0.6s"'],
  [' idle_timeout: "3600s"', ' idle_timeout: "36s"'],
  [' timeout: 30s', ' timeout: 3s'],
] as const
/** Longer than any of those that could cut a stream before. */
const STREAM_SECONDS = 5
const TOKEN_SECONDS = 8
const BEAT_MS = 150
/** The token has aged a little before it is used, and a busy machine cuts late. */
const EARLY_SECONDS = 1.5
const LATE_SECONDS = 2.5

interface Sent {
  readonly method: 'GET' | 'POST'
  readonly message?: string
  readonly beats: boolean
}

interface Life {
  readonly seconds: number
  readonly cut: boolean
}

const STREAMS: readonly [what: string, sent: Sent, seconds: number][] = [
  ['of a GET', { method: 'GET', beats: true }, STREAM_SECONDS],
  ['of a GET on which nothing comes', { method: 'GET', beats: false }, STREAM_SECONDS],
  ['of a subscription', { method: 'POST', message: 'subscriptions/listen', beats: true }, STREAM_SECONDS],
  ['that answers a call', { method: 'POST', message: 'tools/call', beats: true }, TOKEN_SECONDS],
  [
    'that answers a call, and on which nothing comes',
    { method: 'POST', message: 'tools/call', beats: false },
    TOKEN_SECONDS,
  ],
]

describe('A stream that its service never ends', function () {
  this.timeout(60_000)
  const service = scriptedService()
  const lives = new Map<string, Promise<Life>>()

  before(async () => {
    const stack = await recordedStack({
      service: service.listener,
      changes: {
        authz: { STREAM_MAX_SECONDS: String(STREAM_SECONDS) },
        'consent-ui': { ACCESS_TOKEN_SECONDS: String(TOKEN_SECONDS) },
      },
      changeEnvoyConfig: shortenTimes,
    })
    const user = await connectedUser(stack, ADA)
    assert.equal((await user.refresh()).status, 200)
    for (const [what, sent] of STREAMS) {
      const { life } = await begin(stack.mcpUrl, user.accessToken, sent)
      lives.set(what, life)
    }
  })

  async function begin(url: string, token: string, { method, message, beats }: Sent) {
    const body = message === undefined ? '' : JSON.stringify({ jsonrpc: '2.0', id: 1, method: message })
    const headers = ['authorization', `Bearer ${token}`, 'content-length', String(body.length)]
    if (message !== undefined) headers.push('mcp-method', message)
    const answering = rawResponse(url, { method, headers, body })
    const began = performance.now()
    const stream = (await service.next(message ?? method)).stream()
    const response = (await answering).on('error', () => undefined).resume()
    const beating = setInterval(() => beats && stream.beat(), BEAT_MS)
    const closed = new Promise((resolve) => response.once('close', resolve))
    const life = Promise.all([closed, stream.closed]).then((): Life => {
      clearInterval(beating)
      return { seconds: (performance.now() - began) / 1000, cut: !response.complete }
    })
    return { life }
  }

  for (const [what, , seconds] of STREAMS) {
    const why = seconds === STREAM_SECONDS ? 'when it has to be resumed' : 'when the token ends'
    it(`${what} outlives every timeout of Envoy, and is cut ${why}`, async () => {
      const life = await lives.get(what)
      assert.ok(life?.cut)
      assert.ok(life.seconds > seconds - EARLY_SECONDS, `only ${life.seconds} s`)
      assert.ok(life.seconds < seconds + LATE_SECONDS, `even ${life.seconds} s`)
    })
  }
})

function shortenTimes(rendered: string): string {
  return SHORTENED.reduce((config, [usual, short]) => {
    assert.ok(config.includes(usual), `envoy.yaml has ${usual}`)
    return config.replaceAll(usual, short)
  }, rendered)
}
