import assert from 'node:assert/strict'
import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import process from 'node:process'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'
import { Client, credentials } from '@grpc/grpc-js'
import { service as healthService } from 'grpc-health-check'
import { NODE_ARGUMENTS } from '../../authz/node-arguments.ts'
import { newSecret } from '../../core/keys/keys.ts'
import { AUTHORIZATION_SERVICE } from '../../proto/load.ts'
import { childEnvironment } from '../support/child-environment.ts'
import { PLATFORM_ENTRY } from '../support/services.ts'
import { liveAuthz } from '../../core/sessions/session-changes.ts'
import { newAuditKeys, provenEvents } from '../core/audit/support/audit.ts'
import { connectTo } from '../core/support/store.ts'
import { until } from '../support/until.ts'
import { openTelemetryPackages, watchModules } from '../support/watch-modules.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { startValkey } from '../support/store/valkey.ts'
import { FakeEnvoy, question } from './support/envoy.ts'
import { createSigner, openSession, ORIGIN, type Signer } from './support/sessions.ts'
import { beforeAll } from '../support/before-all.ts'

const MAIN = join(import.meta.dirname, '../../authz/main.ts')

describe('The authz process', () => {
  let folder: string
  let socket: string
  let environment: Record<string, string>
  let signer: Signer

  const valkey = beforeAll(() => startValkey())

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'connect-authz-'))
    closeAfterAll(() => rm(folder, { recursive: true }))
    signer = await createSigner()
    environment = {
      CONNECT_ORIGIN: 'https://connect.example',
      CONNECT_SERVICES: PLATFORM_ENTRY,
      REDIS_URL: valkey.url,
      QUILT_REGISTRY_URL: 'https://registry.example',
      CONNECT_SEALING_KEYS: JSON.stringify([{ id: 'a', secret: newSecret('sealing'), use: 'sign' }]),
      CONNECT_PUBLIC_KEYS: JSON.stringify(signer.jwks),
    }
  })

  let count = 0
  beforeEach(() => {
    count += 1
    socket = join(folder, `${count}.sock`)
  })

  function launch(changes: Record<string, string> = {}): ChildProcess {
    const env = { ...environment, AUTHZ_LISTEN: `unix:${socket}`, ...changes }
    const child = spawn(process.execPath, [...NODE_ARGUMENTS, MAIN], {
      env: childEnvironment(env),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    closeAfterAll(() => void child.kill('SIGKILL'))
    return child
  }

  async function ready(child: ChildProcess): Promise<void> {
    assert.ok(child.stdout !== null)
    for await (const line of createInterface(child.stdout)) {
      if (line.includes('authz is ready')) {
        child.stdout.resume()
        return
      }
    }
    throw new Error('authz ended before it was ready')
  }

  async function stopped(child: ChildProcess): Promise<number | null> {
    const exited = once(child, 'exit') as Promise<[number | null]>
    child.kill('SIGTERM')
    return (await exited)[0]
  }

  async function health(service: string): Promise<unknown> {
    const { Check } = healthService
    assert.ok(Check !== undefined)
    const client = new Client(`unix:${socket}`, credentials.createInsecure())
    const { promise, resolve, reject } = Promise.withResolvers<object | undefined>()
    client.makeUnaryRequest(
      Check.path,
      Check.requestSerialize,
      Check.responseDeserialize,
      { service },
      (error, reply) => (error === null ? resolve(reply) : reject(error)),
    )
    const reply = await promise.finally(() => client.close())
    return (reply as { status?: unknown } | undefined)?.status
  }

  async function asks(headers: Record<string, string> = {}): Promise<string | boolean | undefined> {
    const envoy = new FakeEnvoy(`unix:${socket}`)
    const answer = await envoy.ask(question(headers)).finally(() => envoy.close())
    return answer.metadata.reason
  }

  it('serves on a socket for its owner and group, is healthy, audits, and ends after SIGTERM', async () => {
    const [path, AUDIT_KEYS] = [join(folder, 'audit.log'), newAuditKeys()]
    const child = launch({ AUDIT_LOG: `file:${path}`, AUDIT_KEYS, AUDIT_REQUIRED: 'true' })
    await ready(child)
    assert.equal((await stat(socket)).mode & 0o777, 0o660)
    assert.equal(await health(''), 'SERVING')
    assert.equal(await health(AUTHORIZATION_SERVICE), 'SERVING')
    assert.equal(await asks(), 'no_credential')
    const store = await connectTo(valkey.url)
    await until(async () => (await liveAuthz(store)).length === 1, 'its heartbeat')
    assert.equal(await stopped(child), 0)
    assert.deepEqual(await liveAuthz(store), [])
    assert.deepEqual(await provenEvents(path, ORIGIN, AUDIT_KEYS), [
      'AuditBegan',
      'ConfigurationLoaded',
      'RequestRefused',
      'AuditEnded',
    ])
  })

  for (const [endpoint, packages] of [
    ['', []],
    ['http://127.0.0.1:1', ['sdk-trace', 'exporter-trace-otlp-http']],
  ] as const) {
    it(`loads OpenTelemetry only with an endpoint: "${endpoint}"`, async () => {
      const NODE_OPTIONS = watchModules('@opentelemetry')
      const child = launch({ NODE_OPTIONS, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint })
      assert.ok(child.stderr !== null)
      const written = text(child.stderr)
      await ready(child)
      await stopped(child)
      const loaded = openTelemetryPackages(await written)
      for (const name of packages) assert.ok(loaded.includes(name), loaded.join())
      if (packages.length === 0) assert.deepEqual(loaded, [])
    })
  }

  it('accepts only the issuer with its port with ISSUER_EXPLICIT_PORT=true', async () => {
    const child = launch({ ISSUER_EXPLICIT_PORT: 'true' })
    await ready(child)
    const exp = Math.floor(Date.now() / 1000) + 60
    const reasonFor = async (iss: string): Promise<string | boolean | undefined> => {
      const token = await signer.sign(openSession(), { iss, exp })
      return await asks({ authorization: `Bearer ${token}` })
    }
    assert.equal(await reasonFor(ORIGIN), 'token_wrong_issuer')
    assert.equal(await reasonFor(`${ORIGIN}:443`), 'session_ended')
    assert.equal(await stopped(child), 0)
  })

  it('replaces a socket that a killed process left behind', async () => {
    const killed = launch()
    await ready(killed)
    const exited = once(killed, 'exit')
    killed.kill('SIGKILL')
    await exited
    await stat(socket)
    const child = launch()
    await ready(child)
    assert.equal(await asks(), 'no_credential')
    assert.equal(await stopped(child), 0)
  })

  it('does not replace a socket that answers', async () => {
    const first = launch()
    await ready(first)
    const second = launch()
    assert.ok(second.stdout !== null && second.stderr !== null)
    const exited = once(second, 'exit')
    const [printed, complained] = await Promise.all([text(second.stdout), text(second.stderr)])
    assert.deepEqual([await exited, complained], [[1, null], ''])
    const last = JSON.parse(printed.trim().split('\n').at(-1) ?? '') as Record<string, unknown>
    assert.deepEqual([last.level, last.message], ['fatal', 'ended by an error'])
    assert.match(String(last.error), /another process listens/)
    assert.equal(await asks(), 'no_credential')
    assert.equal(await stopped(first), 0)
  })

  it('serves on TCP at the loopback address', async () => {
    const child = launch({ AUTHZ_LISTEN: '127.0.0.1:0' })
    await ready(child)
    assert.equal(await stopped(child), 0)
  })

  it('starts without Redis, and is ready when Redis is there; started outlasts an outage', async () => {
    const late = await startValkey()
    await late.kill()
    const child = launch({ REDIS_URL: late.url })
    await ready(child)
    assert.equal(await asks(), 'no_credential')
    const statuses = async (): Promise<unknown> => await Promise.all(['', 'ready', 'started'].map(health))
    const [up, down] = ['SERVING', 'NOT_SERVING']
    assert.deepEqual(await statuses(), [up, down, down])
    await late.restart()
    await until(async () => (await health('ready')) === up, 'readiness')
    assert.deepEqual(await statuses(), [up, up, up])
    await late.kill()
    await until(async () => (await health('ready')) === down, 'the loss of Redis')
    assert.deepEqual(await statuses(), [up, down, up])
    await late.restart()
    await until(async () => (await health('ready')) === up, 'readiness again')
    late.pause()
    await until(async () => (await health('ready')) === down, 'that Redis hangs')
    assert.deepEqual(await statuses(), [up, down, up])
    late.resume()
    assert.equal(await stopped(child), 0)
  })

  it('logs every problem of its configuration in one line and ends', async () => {
    const child = launch({ CONNECT_PUBLIC_KEYS: '{}', AUTHZ_LISTEN: '0.0.0.0:1', CONNECT_ORIGIN: '' })
    assert.ok(child.stdout !== null && child.stderr !== null)
    const exited = once(child, 'exit') as Promise<unknown[]>
    const [printed, complained] = await Promise.all([text(child.stdout), text(child.stderr)])
    assert.deepEqual(await exited, [1, null])
    const { level, service, problems, at } = JSON.parse(printed) as Record<string, unknown>
    assert.deepEqual([level, service, at, complained], ['fatal', 'authz', undefined, ''])
    for (const name of ['CONNECT_PUBLIC_KEYS', 'AUTHZ_LISTEN', 'CONNECT_ORIGIN'])
      assert.ok(String(problems).includes(name))
  })
})
