import assert from 'node:assert/strict'
import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Registry } from '@prometheus-io/client'
import { pino } from 'pino'
import { keepKeyMetrics } from '../../../consent-ui/metrics/key-metrics.ts'
import { keepReplayMetrics } from '../../../consent-ui/metrics/replay-alarms.ts'
import { serveMetrics } from '../../../core/metrics/metrics-server.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { startValkey, type Valkey } from '../../support/store/valkey.ts'
import { tokensOf, type TestClient } from '../support/client.ts'
import { startConnect, type Connect } from '../support/connect.ts'
import { ManualTimers } from '../support/manual-timers.ts'
import { tokensFor } from '../support/person.ts'
import { dump } from '../support/store.ts'

const PERIOD_SECONDS = 300

describe('The metrics', () => {
  let valkey: Valkey
  let connect: Connect
  let client: TestClient
  let timers: ManualTimers
  let url: string

  beforeEach(async () => {
    valkey = await startValkey()
    connect = await startConnect({ valkey })
    client = await connect.client()
    timers = new ManualTimers()
  })

  async function start(): Promise<void> {
    const registry = new Registry()
    const { redis: store, config } = connect
    keepKeyMetrics(registry, { store, timers, log: pino({ level: 'silent' }) }, config.sealingKeys)
    keepReplayMetrics(registry, connect.alarms)
    const server = await serveMetrics(registry, { host: '127.0.0.1', port: 0 })
    closeAfterAll(() => {
      server.close()
      server.closeAllConnections()
    })
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/metrics`
  }

  async function metrics(): Promise<string> {
    return await (await fetch(url)).text()
  }

  async function shows(line: string): Promise<void> {
    await until(async () => (await metrics()).split('\n').includes(line), line)
  }

  const sessionsOn = (key: string, count: number, part = 'credential'): string =>
    `connect_consent_ui_sessions_by_sealing_key{key="${key}",part="${part}"} ${count}`

  it('show live sessions by key before and after a rotation', async () => {
    const tokens = await tokensFor(connect, client)
    await start()
    await shows(sessionsOn('key-1', 1))
    await shows(sessionsOn('key-1', 1, 'refresh_token'))
    await shows(sessionsOn('key-1', 1, 'registration'))
    connect.rotateSealingKeys()
    tokensOf(await client.refresh(tokens.refresh_token))
    timers.pass(PERIOD_SECONDS)
    await shows(sessionsOn('key-2', 1))
    await shows(sessionsOn('key-2', 1, 'refresh_token'))
    await shows(sessionsOn('key-1', 0))
    await shows(sessionsOn('key-1', 1, 'registration'))
  })

  it('show no number when Redis fails, since an old one could make an operator remove a key', async () => {
    await tokensFor(connect, client)
    await start()
    await shows(sessionsOn('key-1', 1))
    await valkey.kill()
    await until(() => connect.redis.status !== 'ready', 'the lost connection')
    timers.pass(PERIOD_SECONDS)
    await until(
      async () => !(await metrics()).includes('connect_consent_ui_sessions_by_sealing_key{'),
      'no number',
    )
    await valkey.restart()
    await until(() => connect.redis.status === 'ready', 'the connection')
    timers.pass(PERIOD_SECONDS)
    await shows(sessionsOn('key-1', 1))
  })

  it('hold no secret, no name and no other value of Redis', async () => {
    const tokens = await tokensFor(connect, client)
    await start()
    await shows(sessionsOn('key-1', 1))
    const text = await metrics()
    for (const secret of [tokens.access_token, tokens.refresh_token, client.id, 'ada']) {
      assert.ok(!text.includes(secret))
    }
    const words = new Set((await dump(connect.redis)).match(/[A-Za-z0-9_-]{40,}/g))
    assert.ok(words.size > 0)
    for (const word of words) assert.ok(!text.includes(word))
  })

  it('are served at one path, by GET only', async () => {
    await start()
    assert.equal((await fetch(url)).status, 200)
    assert.equal((await fetch(url.replace('/metrics', '/'))).status, 404)
    assert.equal((await fetch(url, { method: 'POST' })).status, 404)
  })

  it('are refused to a web page whose name resolves to this machine', async () => {
    await start()
    const { hostname, port } = new URL(url)
    const asked = request({ hostname, port, path: '/metrics', headers: { host: `evil.example:${port}` } })
    asked.end()
    const [response] = (await once(asked, 'response')) as [IncomingMessage]
    response.resume()
    assert.equal(response.statusCode, 404)
  })

  it('count replays', async () => {
    await start()
    await shows('connect_consent_ui_replays_total{replay="code"} 0')
    connect.alarms.raise('code', { clientName: 'x', person: { name: 'ada', email: 'ada@example.com' } })
    await shows('connect_consent_ui_replays_total{replay="code"} 1')
    await shows('connect_consent_ui_replays_total{replay="code"} 1')
  })

  it('E04: are not served at the listener that Envoy uses', async () => {
    await start()
    assert.equal((await connect.get('/metrics')).status, 404)
  })
})
