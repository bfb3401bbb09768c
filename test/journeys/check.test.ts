import assert from 'node:assert/strict'
import { once } from 'node:events'
import type { RequestListener } from 'node:http'
import { createServer as createHttps } from 'node:https'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Environment } from '../../core/config/environment.ts'
import { ControlStore } from '../../core/controls/control-store.ts'
import { createLog } from '../../core/log/log.ts'
import { connectRedis } from '../../core/store/redis.ts'
import { releaseFindings } from '../../deploy/connect/check/check-envoy.ts'
import { check } from '../../deploy/connect/check/check.ts'
import { clockFinding } from '../../deploy/connect/check/clock.ts'
import { askAll, type Finding } from '../../deploy/connect/check/finding.ts'
import { freePorts } from '../../deploy/local/context/free-ports.ts'
import { CHECKED_ON, NEWEST_PATCHES } from '../../envoy/releases/envoy-releases.ts'
import { beforeAll } from '../support/before-all.ts'
import { closeAfterAll } from '../support/close-after-all.ts'
import { listenOnFreePort } from '../support/free-port.ts'
import { PLATFORM_ENTRY } from '../support/services.ts'
import { TEST_SERVER } from '../support/tls/test-server.ts'
import { startValkey } from '../support/store/valkey.ts'
import { sharedStack } from './support/recorded-stack.ts'

const TEST_CA = join(import.meta.dirname, '../support/tls/certificate.pem')

describe('npm run connect -- check', function () {
  this.timeout(60_000)

  const stack = beforeAll(() => sharedStack())
  let environment: Environment
  /** Only where Envoy is checked: its linter and its binary take half a second. */
  let ofEnvoy: Environment

  before(() => {
    environment = {
      ...stack.process('authz').spec.environment,
      ...stack.process('consent-ui').spec.environment,
    }
    ofEnvoy = {
      ENVOY_LISTEN: '127.0.0.1:8080',
      ENVOY_ADMIN_SOCKET: '/run/envoy/admin.sock',
      ENVOY_TRUSTED_HOPS: '1',
      ENVOY_BIN: stack.context.binaries.envoy,
    }
  })

  async function found(changes: Environment = {}, ...args: string[]) {
    const { text, exitCode } = await check.run(['--json', ...args], { ...environment, ...changes })
    const { findings } = JSON.parse(text) as { readonly findings: readonly Finding[] }
    const at = (level: Finding['level'], part: string) =>
      findings.flatMap((each) => (each.level === level && each.part === part ? [each.text] : []))
    return { exitCode, findings, at, text }
  }

  it('finds no fault in the stack of npm start, and exits with 0', async () => {
    const { exitCode, findings, at } = await found(ofEnvoy)
    assert.deepEqual(
      findings.filter(({ level }) => level === 'fault'),
      [],
    )
    assert.equal(exitCode, 0)
    assert.equal(at('ok', 'configuration').length, 4)
    assert.equal(at('ok', 'keys').length, 3)
    assert.match(at('ok', 'redis').join(), /Valkey \d.*noeviction.*1 authz process/)
    assert.match(at('ok', 'registry').join(), /answers as a Quilt Registry/)
    assert.match(
      at('ok', 'identity provider').join(),
      /issuer .*signing key.*knows client .*\/connect\/callback/,
    )
    assert.match(at('ok', 'service platform').join(), /answers/)
    assert.match(at('ok', 'envoy').join(), /rules of the linter hold.*no known vulnerability/)
    assert.equal(at('ok', 'clock').length, 3)
  })

  it('prints each finding with its fix, the worst first', async () => {
    const { text } = await check.run([], { ...environment, REDIS_URL: 'http://x' })
    assert.match(text, /^fault {4}configuration: .*REDIS_URL.*\n {9}fix: docs\/configuration.md/)
    assert.match(text, /\n\d+ fault, \d+ warning, \d+ skipped, \d+ ok$/)
  })

  it('holds no secret in its output', async () => {
    const { text } = await found()
    const secrets = Object.entries(environment).filter(([name]) => /KEYS|SECRET|PASSWORD/.test(name))
    assert.ok(secrets.length > 2)
    const values = secrets.flatMap(([, value = '']) => value.match(/connect-\w+\.[\w-]+|^[\w-]{20,}$/g) ?? [])
    assert.ok(values.length > 2)
    for (const value of values) assert.ok(!text.includes(value))
  })

  it('names the variable of a wrong setting, and checks the rest', async () => {
    const { exitCode, at } = await found({ ACCESS_TOKEN_SECONDS: '0' })
    assert.equal(exitCode, 1)
    assert.match(at('fault', 'configuration').join(), /consent-ui: ACCESS_TOKEN_SECONDS/)
    assert.match(at('ok', 'registry').join(), /answers as/)
  })

  it('skips a process whose variables are not here', async () => {
    const { exitCode, at } = await found({ CONNECT_PUBLIC_KEYS: '', ENVOY_LISTEN: '' })
    assert.equal(exitCode, 0)
    assert.deepEqual(at('skipped', 'configuration').length, 2)
  })

  it('exits with 1 without any settings', async () => {
    assert.equal((await check.run([], { ENVOY_BIN: ofEnvoy.ENVOY_BIN })).exitCode, 0)
    assert.equal((await check.run([], { PATH: '/nowhere' })).exitCode, 1)
  })

  it('names a signing key that authz does not know', async () => {
    const { keys } = JSON.parse(environment.CONNECT_PUBLIC_KEYS ?? '') as { keys: { kid: string }[] }
    const other = JSON.stringify({ keys: keys.map((key) => ({ ...key, kid: 'other' })) })
    const { at } = await found({ CONNECT_PUBLIC_KEYS: other })
    assert.match(at('fault', 'configuration').join(), /lacks the key .*every request would get 503/)
  })

  describe('finds in Redis', () => {
    it('a wrong policy, no durability, no authz, and blocks and stops that only Redis holds', async () => {
      const valkey = await startValkey({ 'maxmemory-policy': 'allkeys-lru', appendonly: 'no' })
      const redis = connectRedis(valkey.url, createLog('test', 'silent'))
      closeAfterAll(() => redis.disconnect())
      await once(redis, 'ready')
      const controls = new ControlStore(redis, environment.CONNECT_ORIGIN ?? '')
      await controls.blockClient('bad.example', { by: 'grace', at: 1_800_000_000, change: '1' })
      await controls.stop('platform', { by: 'grace', at: 1_800_000_000, change: '2' })
      const { exitCode, at } = await found({ REDIS_URL: valkey.url })
      assert.equal(exitCode, 1)
      assert.match(at('fault', 'redis').join(), /maxmemory-policy is allkeys-lru/)
      assert.match(at('warning', 'redis').join(), /no replica.*no authz process/)
      const [blocked = '', stopped = ''] = at('warning', 'controls')
      assert.match(blocked, /bad\.example is blocked in Redis only, by grace since 2027-01-15/)
      assert.match(stopped, /platform is stopped in Redis only/)
      const permanent = await found({
        REDIS_URL: valkey.url,
        CONNECT_BLOCKED_CLIENTS: 'bad.example',
        CONNECT_STOP: 'platform',
      })
      assert.deepEqual(permanent.at('warning', 'controls'), [])
    })

    it('that it is down, and warnings with --strict', async () => {
      const [port = 0] = await freePorts(1)
      const { at } = await found({ REDIS_URL: `redis://localhost:${port}` })
      assert.match(at('fault', 'redis').join(), /not reachable \(ECONNREFUSED\)/)
      const valkey = await startValkey({ appendonly: 'no' })
      assert.equal((await found({ REDIS_URL: valkey.url })).exitCode, 0)
      assert.equal((await found({ REDIS_URL: valkey.url }, '--strict')).exitCode, 1)
    })
  })

  describe('finds in the identity provider', () => {
    const answering = async (listener: RequestListener) => (await listenOnFreePort(listener)).origin

    it('a client or redirect URI that it does not know', async () => {
      const { at } = await found({ OIDC_CLIENT_ID: 'unknown' })
      assert.match(
        at('fault', 'identity provider').join(),
        /refuses client unknown with .*\/connect\/callback/,
      )
    })

    it('another issuer, no keys, and a clock that is an hour ahead', async () => {
      const origin = await answering(({ url }, response) => {
        const document = {
          issuer: 'https://other.example',
          authorization_endpoint: `${origin}/authorize`,
          token_endpoint: `${origin}/token`,
          jwks_uri: `${origin}/keys`,
          code_challenge_methods_supported: ['plain'],
        }
        response.setHeader('date', new Date(Date.now() + 3_600_000).toUTCString())
        response.end(JSON.stringify(url?.includes('openid-configuration') === true ? document : { keys: [] }))
      })
      const { exitCode, at } = await found({ OIDC_ISSUER: origin })
      assert.equal(exitCode, 1)
      assert.match(
        at('fault', 'identity provider').join(),
        /calls itself https:\/\/other\.example.*no signing key/,
      )
      assert.match(at('warning', 'identity provider').join(), /S256/)
      assert.match(at('fault', 'clock').join(), /identity provider is 3\d{3} s ahead/)
      assert.match(at('skipped', 'identity provider').join(), /first sign-in/)
    })

    it('no discovery document', async () => {
      const origin = await answering((_request, response) => response.writeHead(404).end('not here'))
      const { at } = await found({ OIDC_ISSUER: origin })
      assert.match(at('fault', 'identity provider').join(), /no discovery document \(status 404\)/)
    })
  })

  it('finds a server that is no Registry, and one that is down', async () => {
    const { origin } = await listenOnFreePort((_request, response) => response.end('<html>catalog</html>'))
    const other = await found({ QUILT_REGISTRY_URL: origin })
    assert.match(other.at('fault', 'registry').join(), /not as a Quilt Registry/)
    const [port = 0] = await freePorts(1)
    const down = await found({ QUILT_REGISTRY_URL: `http://localhost:${port}` })
    assert.match(down.at('fault', 'registry').join(), /ECONNREFUSED/)
  })

  describe('finds in a service', () => {
    const upstream = (url: string) => PLATFORM_ENTRY.replace(/upstream: .*/, `upstream: ${url}`)

    it('that it is down', async () => {
      const [port = 0] = await freePorts(1)
      const { at } = await found({ CONNECT_SERVICES: upstream(`http://127.0.0.1:${port}/mcp`) })
      assert.match(at('fault', 'service platform').join(), /ECONNREFUSED/)
    })

    it('a certificate that Envoy would refuse, and takes one that Envoy trusts', async () => {
      const server = createHttps(TEST_SERVER, (_request, response) => response.end()).listen(0, '127.0.0.1')
      await once(server, 'listening')
      closeAfterAll(() => void server.close())
      const { port } = server.address() as AddressInfo
      const changes = { CONNECT_SERVICES: upstream(`https://localhost:${port}/mcp`) }
      const refused = await found(changes)
      assert.match(refused.at('fault', 'service platform').join(), /CERT|SELF_SIGNED/)
      const trusted = await found({ ...changes, ...ofEnvoy, ENVOY_TRUSTED_CA: TEST_CA })
      assert.match(
        [...trusted.at('ok', 'service platform'), ...trusted.at('warning', 'service platform')].join(),
        /TLS, certificate for \d+ more days/,
      )
    })
  })

  describe('finds in Envoy', () => {
    const now = Date.parse(CHECKED_ON)
    const levels = (version: string, nowMs = now) => releaseFindings(version, nowMs).map(({ level }) => level)

    it('vulnerabilities of its version, and a line without patches', () => {
      const [first] = releaseFindings('1.39.0', now)
      assert.match(`${first?.level}: ${first?.text}`, /^fault: 1\.39\.0 has CVE-/)
      assert.match(first?.fix ?? '', /update Envoy to 1\.39\.3/)
      assert.ok(levels('1.30.0').every((level) => level === 'fault'))
      assert.deepEqual(levels(NEWEST_PATCHES[0]), ['ok'])
      assert.deepEqual(levels('1.39.2'), ['warning'])
    })

    it('that the list of vulnerabilities is old', () => {
      assert.deepEqual(levels(NEWEST_PATCHES[0], now + 91 * 86_400_000), ['ok', 'warning'])
    })

    it('that the binary does not exist', async () => {
      const { at } = await found({ ENVOY_BIN: '/nowhere/envoy' })
      assert.match(at('fault', 'envoy').join(), /ENOENT/)
    })
  })

  it('waits for no part longer than its time limit', async () => {
    const begunMs = performance.now()
    const hanging = { part: 'x', fix: 'y', ask: () => new Promise<never>(() => undefined) }
    const findings = await askAll([hanging, hanging], 50)
    assert.deepEqual(
      findings.map(({ level, text }) => `${level}: ${text}`),
      Array(2).fill('fault: no answer within 0.05 s'),
    )
    assert.ok(performance.now() - begunMs < 2000)
  })

  it('tells a clock that is right from one that is seconds or minutes off', () => {
    const levels = [0, 4000, 10_000, -90_000].map((ms) => clockFinding('x', 1e12 + ms, 1e12).level)
    assert.deepEqual(levels, ['ok', 'ok', 'warning', 'fault'])
  })
})
