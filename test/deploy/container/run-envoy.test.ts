import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, statSync } from 'node:fs'
import { Agent, createServer, get, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Environment } from '../../../core/config/environment.ts'
import { freePorts } from '../../../deploy/local/context/free-ports.ts'
import { EDGE_ENVIRONMENT } from '../../envoy/support.ts'
import { beforeAll } from '../../support/before-all.ts'
import { closeAfterAll } from '../../support/close-after-all.ts'
import { until } from '../../support/until.ts'
import { ScrapedMetrics } from '../../support/scraped-metrics.ts'
import { ready, runEnvoy, type RunningEnvoy } from './support/run-envoy.ts'

const DISCOVERY = '/.well-known/oauth-authorization-server'
const HELD = '/connect/apps'

/** Answers at once, except at HELD: there the test ends the answer. */
async function startConsentUi() {
  const held: ServerResponse[] = []
  const server = createServer((request, response) => {
    if (request.url !== HELD) return response.end('{}')
    response.flushHeaders()
    held.push(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  closeAfterAll(() => {
    server.close()
    server.closeAllConnections()
  })
  return { held, address: `127.0.0.1:${(server.address() as AddressInfo).port}` }
}

async function startWith(drain: Environment) {
  const consentUi = await startConsentUi()
  const envoy = await runEnvoy({ CONSENT_UI_LISTEN: consentUi.address, ...drain })
  await ready(envoy)
  return { ...envoy, held: consentUi.held }
}

function ask({ port }: RunningEnvoy, path: string, agent: Agent | false = false): Promise<IncomingMessage> {
  const headers = {
    host: new URL(EDGE_ENVIRONMENT.CONNECT_ORIGIN ?? '').host,
    'x-forwarded-proto': 'https',
    'x-forwarded-for': '203.0.113.9',
  }
  return new Promise((resolve, reject) => {
    const asked = get({ host: '127.0.0.1', port, path, headers, agent }, resolve)
    asked.once('error', reject)
  })
}

async function statusOf(envoy: RunningEnvoy, path: string): Promise<number> {
  const response = await ask(envoy, path)
  response.resume()
  return response.statusCode ?? 0
}

function messages({ lines }: RunningEnvoy): string[] {
  return lines
    .map((line) => JSON.parse(line) as { service: string; message?: string })
    .flatMap(({ service, message }) => (service === 'run-envoy' ? [message ?? ''] : []))
}

describe('deploy/container/run-envoy.ts', () => {
  let metricsPort: number
  const envoy = beforeAll(async () => {
    ;[metricsPort = 0] = await freePorts(1)
    return await startWith({ ENVOY_DRAIN_NOTICE_SECONDS: '0', METRICS_LISTEN: `127.0.0.1:${metricsPort}` })
  })
  const fetchMetrics = (path: string, method = 'GET'): Promise<Response> =>
    fetch(`http://127.0.0.1:${metricsPort}${path}`, { method })

  it("serves a selection of Envoy's metrics at METRICS_LISTEN", async () => {
    await statusOf(envoy, DISCOVERY)
    const response = await fetchMetrics('/metrics')
    assert.match(response.headers.get('content-type') ?? '', /^text\/plain; version=0\.0\.4/)
    const metrics = new ScrapedMetrics(await response.text())
    const connect = 'envoy_http_conn_manager_prefix="connect"'
    assert.equal(metrics.valueOf('envoy_server_live{}'), 1)
    assert.equal(metrics.valueOf(`envoy_http_downstream_rq_xx{envoy_response_code_class="2",${connect}}`), 1)
    const stage = (name: string): string =>
      `envoy_http_ext_authz_error{envoy_ext_authz_prefix="${name}",${connect}}`
    assert.deepEqual([metrics.valueOf(stage('authenticate')), metrics.valueOf(stage('tool_access'))], [0, 0])
  })

  it('serves nothing else of the admin interface there', async () => {
    for (const path of [
      '/',
      '/stats',
      '/ready',
      '/metrics?filter=.*',
      '/healthcheck/fail',
      '/quitquitquit',
    ]) {
      assert.equal((await fetchMetrics(path)).status, 404, path)
      assert.equal((await fetchMetrics(path, 'POST')).status, 404, path)
    }
  })
})

describe('deploy/container/run-envoy.ts on SIGTERM', () => {
  const envoy = beforeAll(() => startWith({ ENVOY_DRAIN_NOTICE_SECONDS: '1' }))
  const keepAlive = new Agent({ keepAlive: true, maxSockets: 1 })
  let open: IncomingMessage

  before(async () => {
    ;(await ask(envoy, DISCOVERY, keepAlive)).resume()
    open = await ask(envoy, HELD)
    envoy.child.kill('SIGTERM')
    await until(async () => (await statusOf(envoy, '/healthz')) === 503, 'the failing health check')
  })

  it('answers requests of kept and new connections, and asks kept ones to close', async () => {
    const kept = await ask(envoy, DISCOVERY, keepAlive)
    assert.deepEqual([kept.statusCode, kept.headers.connection], [200, 'close'])
    assert.equal(await statusOf(envoy, DISCOVERY), 200)
  })

  it('waits for open requests although a second SIGTERM arrives, then exits with 0', async () => {
    envoy.child.kill('SIGTERM')
    await until(() => messages(envoy).includes('envoy: waiting for open requests'), 'the end of the notice')
    assert.equal(await statusOf(envoy, DISCOVERY), 200)
    assert.equal(envoy.child.exitCode, null)
    envoy.held[0]?.end('done')
    assert.equal(await text(open), 'done')
    assert.deepEqual(await envoy.exited, [0, null])
    assert.deepEqual(messages(envoy), [
      'envoy: draining, /healthz answers 503',
      'envoy: waiting for open requests',
      'envoy: drained',
    ])
    const [own = '', ...others] = (await envoy.stderr).split('\n')
    assert.equal((JSON.parse(own) as { message: string }).message, 'caught ENVOY_SIGTERM')
    assert.deepEqual(others, [''])
  })

  it('has written its configuration for its own user only', () => {
    assert.equal(statSync(join(envoy.folder, 'envoy.yaml')).mode & 0o777, 0o600)
  })
})

describe('deploy/container/run-envoy.ts', () => {
  it('cuts off requests that outlast the drain, and exits with 0', async () => {
    const envoy = await startWith({ ENVOY_DRAIN_NOTICE_SECONDS: '0', ENVOY_DRAIN_SECONDS: '1' })
    const open = await ask(envoy, HELD)
    const before = performance.now()
    envoy.child.kill('SIGTERM')
    await assert.rejects(text(open), { code: 'ECONNRESET' })
    assert.ok(performance.now() - before >= 1000)
    assert.deepEqual(await envoy.exited, [0, null])
    assert.equal(messages(envoy).at(-1), 'envoy: requests cut off at the end of the drain')
  })

  it('exits with the status of an Envoy that ends by itself', async () => {
    const taken = await startConsentUi()
    const envoy = await runEnvoy({ ENVOY_LISTEN: taken.address })
    assert.deepEqual(await envoy.exited, [1, null])
    assert.deepEqual(messages(envoy), ['envoy: ended by itself'])
    const [cause = ''] = (await envoy.stderr).split('\n')
    assert.match((JSON.parse(cause) as { message: string }).message, /Address already in use/)
  })

  it('exits with 0 on SIGTERM before Envoy runs', async () => {
    const envoy = await runEnvoy()
    await until(() => existsSync(join(envoy.folder, 'envoy.yaml')), 'the configuration')
    envoy.child.kill('SIGTERM')
    assert.deepEqual([...(await envoy.exited), await envoy.stderr], [0, null, ''])
  })

  const refused = [
    [
      'missing and wrong variables',
      { CONNECT_ORIGIN: '', ENVOY_CONCURRENCY: 'many' },
      /^ {2}- CONNECT_ORIGIN is required\n {2}- ENVOY_CONCURRENCY must be a whole number/m,
    ],
    ['what the linter refuses', { AUTHZ_LISTEN: '10.0.0.7:9000' }, /^authz-private: /m],
    [
      'what Envoy refuses',
      { ENVOY_LISTEN: 'connect.example.com:8080' },
      /^Envoy refuses the configuration:\n.*malformed IP address: connect\.example\.com/,
    ],
    ['an Envoy that cannot be run', { ENVOY_BIN: '/no/envoy' }, /^spawn \/no\/envoy ENOENT$/m],
  ] as const
  for (const [what, changes, message] of refused) {
    it(`exits with 1 and says why on ${what}`, async () => {
      const envoy = await runEnvoy(changes)
      assert.deepEqual(await envoy.exited, [1, null])
      const stderr = await envoy.stderr
      assert.match(stderr, message)
      assert.doesNotMatch(stderr, /^ {4}at /m)
      assert.deepEqual(envoy.lines, [])
    })
  }
})
