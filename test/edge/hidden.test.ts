import assert from 'node:assert/strict'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { request, type IncomingMessage } from 'node:http'
import { join } from 'node:path'
import { listenersOf } from '../deploy/local/support/listeners.ts'
import { until } from '../support/until.ts'
import { ask, PROTOCOLS } from './support/ask.ts'
import { edgeStack } from './support/edge-stack.ts'
import { beforeAll } from '../support/before-all.ts'

const ADMIN_PATHS = [
  ...[
    'config_dump',
    'stats',
    'stats/prometheus',
    'clusters',
    'listeners',
    'server_info',
    'ready',
    'logging',
    'memory',
  ],
  ...[
    'quitquitquit',
    'drain_listeners',
    'healthcheck/fail',
    'healthcheck/ok',
    'cpuprofiler',
    'heapprofiler',
    'certs',
  ],
  ...[
    'reset_counters',
    'runtime',
    'runtime_modify',
    'init_dump',
    'contention',
    'hot_restart_version',
    'tap',
    'help',
  ],
  // Of the others, and of frameworks.
  ...[
    'metrics',
    'debug',
    'debug/pprof',
    'debug/vars',
    'health',
    'healthz/authz',
    'status',
    'actuator/health',
    'env',
  ],
  ...['server-status', '.env', '.git/config', 'grpc.health.v1.Health/Check', 'channelz'],
  'envoy.service.auth.v3.Authorization/Check',
]

describe('Internal interfaces', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => edgeStack())

  for (const protocol of PROTOCOLS) {
    it(`E04: over ${protocol}: no path of the Connect host shows admin, statistics, debugging or health details`, async () => {
      for (const path of ADMIN_PATHS) {
        for (const method of ['GET', 'POST']) {
          const { answer, atConsentUi, atPlatform } = await ask(stack, protocol, {
            method,
            target: `/${path}`,
          })
          assert.equal(answer.status, 404, path)
          assert.deepEqual([atConsentUi, atPlatform], [[], []], path)
        }
      }
    })
  }

  it('E04: Envoy listens at one address; its admin interface, authz and consent-ui at sockets of our own user', async () => {
    const { pid = 0 } = stack.process('envoy')
    const ports = await listeningPorts(pid)
    // Each worker has a listener of its own at the same port.
    assert.ok(ports.length > 0)
    assert.deepEqual(new Set(ports), new Set([stack.context.ports.connect]))
    const modes = { 'envoy-admin': 0o600, authz: 0o660 }
    for (const [name, mode] of Object.entries(modes)) {
      assert.equal(statSync(join(stack.context.folder, `${name}.sock`)).mode & 0o777, mode, name)
    }
    assert.equal(statSync(stack.context.folder).mode & 0o777, 0o700)
  })

  it('E04: the admin socket shows no configuration', async () => {
    assert.equal(await admin('/ready'), 200)
    for (const path of [
      '/config_dump',
      '/clusters',
      '/server_info',
      '/logging?level=trace',
      '/memory',
      '/certs',
      '/',
    ]) {
      assert.equal(await admin(path), 403, path)
    }
  })

  /** A process may close files while the test lists them. */
  async function listeningPorts(pid: number): Promise<number[]> {
    let ports: number[] = []
    await until(() => {
      try {
        ports = listenersOf([pid]).map(({ port }) => port)
        return true
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
        throw error
      }
    }, 'a look at all of them')
    return ports
  }

  async function admin(path: string): Promise<number | undefined> {
    const socketPath = join(stack.context.folder, 'envoy-admin.sock')
    const asked = request({ socketPath, path, agent: false })
    asked.end()
    const [{ statusCode }] = (await once(asked, 'response')) as [IncomingMessage]
    return statusCode
  }
})
