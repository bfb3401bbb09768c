import assert from 'node:assert/strict'
import { generateKeyPairSync } from 'node:crypto'
import { readConfig } from '../../authz/config.ts'
import { ConfigurationError } from '../../core/config/environment.ts'
import { newSecret } from '../../core/keys/keys.ts'
import { PLATFORM_ENTRY } from '../support/services.ts'

const pair = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const privateJwk = pair.privateKey.export({ format: 'jwk' })
const publicJwk = { ...pair.publicKey.export({ format: 'jwk' }), kid: 'key-1', alg: 'ES256', use: 'sig' }
const keySet = (...keys: object[]): string => JSON.stringify({ keys })

const GOOD = {
  CONNECT_ORIGIN: 'https://connect.example',
  CONNECT_SERVICES: PLATFORM_ENTRY,
  REDIS_URL: 'redis://localhost:6379',
  QUILT_REGISTRY_URL: 'https://registry.example',
  CONNECT_SEALING_KEYS: JSON.stringify([{ id: 'a', secret: newSecret('sealing'), use: 'sign' }]),
  CONNECT_PUBLIC_KEYS: keySet(publicJwk),
  AUTHZ_LISTEN: 'unix:/run/connect/authz.sock',
}

/** What start-up complains about. */
function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(environment)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.problems
  }
  return []
}

describe('The configuration of authz', () => {
  it('is read', () => {
    const config = readConfig(GOOD)
    assert.equal(config.origin, 'https://connect.example')
    assert.equal(config.issuer, 'https://connect.example')
    const explicit = readConfig({ ...GOOD, ISSUER_EXPLICIT_PORT: 'true' })
    assert.equal(explicit.origin, 'https://connect.example')
    assert.equal(explicit.issuer, 'https://connect.example:443')
    assert.deepEqual(config.listen, { path: '/run/connect/authz.sock' })
    assert.equal(config.logLevel, 'info')
    assert.equal(config.sessionCacheSize, 100_000)
    assert.equal(readConfig({ ...GOOD, SESSION_CACHE_SIZE: '5000' }).sessionCacheSize, 5000)
    assert.equal(config.maxStreamMs, 300_000)
    assert.equal(readConfig({ ...GOOD, STREAM_MAX_SECONDS: '5' }).maxStreamMs, 5000)
    assert.deepEqual(config.store, { mode: 'single', urls: ['redis://localhost:6379'] })
    assert.equal(config.storeGraceMs, 30_000)
    assert.equal(readConfig({ ...GOOD, STORE_OUTAGE_GRACE_SECONDS: '0' }).storeGraceMs, 0)
    assert.equal(config.registryOutageMs, 86_400_000)
    assert.equal(config.apiKeys, 'off')
    for (const access of ['off', 'read', 'full'])
      assert.equal(readConfig({ ...GOOD, API_KEYS: access }).apiKeys, access)
    assert.deepEqual(config.blockedClients, { fingerprints: new Set(), hosts: [] })
    const blocked = readConfig({ ...GOOD, CONNECT_BLOCKED_CLIENTS: '0123456789ABCDEF, x.example' })
    assert.deepEqual([...blocked.blockedClients.fingerprints], ['0123456789abcdef'])
    assert.equal(blocked.blockedClients.hosts.length, 1)
    assert.equal(config.registryUrl.href, 'https://registry.example/')
    const { kty, crv, x, y } = publicJwk
    assert.deepEqual(config.publicKeys.keys, [{ kty, crv, kid: 'key-1', x, y, alg: 'ES256', use: 'sig' }])
  })

  it('reports every problem at once', () => {
    const wrong = { CONNECT_ORIGIN: 'http://connect.example', LOG_LEVEL: 'loud', STREAM_MAX_SECONDS: '0' }
    const problems = problemsOf(wrong)
    const names = problems.map((problem) => problem.split(' ')[0]).sort()
    assert.deepEqual(names, [
      'AUTHZ_LISTEN',
      'CONNECT_ORIGIN',
      'CONNECT_PUBLIC_KEYS',
      'CONNECT_SEALING_KEYS',
      'CONNECT_SERVICES',
      'LOG_LEVEL',
      'QUILT_REGISTRY_URL',
      'REDIS_URL',
      'STREAM_MAX_SECONDS',
    ])
  })

  const cluster = 'rediss://:p@a:7000, rediss://:p@b:7000'
  for (const [what, changes, problem] of [
    ['several nodes without REDIS_MODE=cluster', { REDIS_URL: cluster }, /set REDIS_MODE=cluster/],
    ['a socket as a cluster', { REDIS_URL: 'unix:/a.sock', REDIS_MODE: 'cluster' }, /redis:\/\/ or rediss:/],
    [
      'nodes of two schemes',
      { REDIS_URL: 'redis://localhost,rediss://:p@b', REDIS_MODE: 'cluster' },
      /the same scheme/,
    ],
    ['a database of a cluster', { REDIS_URL: 'rediss://:p@a/1', REDIS_MODE: 'cluster' }, /a database/],
    ['a store on a network without TLS', { REDIS_URL: 'redis://store.example' }, /REDIS_PLAINTEXT=true$/],
    ['another mode', { REDIS_MODE: 'sentinel' }, /REDIS_MODE must be single or cluster/],
    ['a Registry without https', { QUILT_REGISTRY_URL: 'http://registry.example' }, /must be https/],
    ['API keys for whatever is meant by true', { API_KEYS: 'true' }, /API_KEYS must be off, read or full/],
    [
      'a block list without an entry',
      { CONNECT_BLOCKED_CLIENTS: 'x.example,https://' },
      /CONNECT_BLOCKED_CLIENTS entry 2/,
    ],
    ['a memory for hardly any session', { SESSION_CACHE_SIZE: '10' }, /sessions from 1000 to 1000000/],
    ['a memory for more sessions than fit', { SESSION_CACHE_SIZE: '1000001' }, /sessions from 1000 to/],
    ['a grace that never ends', { STORE_OUTAGE_GRACE_SECONDS: '86400' }, /from 0 to 300/],
    ['an outage shorter than two checks', { REGISTRY_OUTAGE_MAX_SECONDS: '60' }, /from 120 to/],
    [
      'keys of a demonstration',
      { CONNECT_SEALING_KEYS: JSON.stringify([{ id: 'demo', secret: newSecret('sealing'), use: 'sign' }]) },
      /works on localhost only/,
    ],
  ] as const) {
    it(`refuses ${what}`, () => {
      const problems = problemsOf({ ...GOOD, ...changes })
      assert.equal(problems.length, 1, problems.join('\n'))
      assert.match(problems[0] ?? '', problem)
    })
  }

  it('reads the nodes of a cluster', () => {
    const { store } = readConfig({ ...GOOD, REDIS_URL: cluster, REDIS_MODE: 'cluster' })
    assert.deepEqual(store, { mode: 'cluster', urls: ['rediss://:p@a:7000', 'rediss://:p@b:7000'] })
  })

  describe('refuses public keys', () => {
    for (const [what, keys, problem] of [
      ['that are no JSON', 'x', /must be a JWKS/],
      ['that are no set', JSON.stringify([publicJwk]), /must be a JWKS/],
      ['that are none', keySet(), /at least one key/],
      [
        'of which one is private',
        keySet(publicJwk, { ...privateJwk, kid: 'b' }),
        /key 2: d is a private key/,
      ],
      ['of RSA', keySet({ ...publicJwk, kty: 'RSA' }), /key 1: kty must be EC/],
      ['that are secrets', keySet({ kty: 'oct', k: 'aaaa', kid: 'a' }), /key 1: kty must be EC/],
      ['of another curve', keySet({ ...publicJwk, crv: 'P-384' }), /key 1: crv must be P-256/],
      ['for another algorithm', keySet({ ...publicJwk, alg: 'HS256' }), /key 1: alg must be ES256/],
      ['for encryption', keySet({ ...publicJwk, use: 'enc' }), /key 1: use must be sig/],
      ['without a name', keySet({ ...publicJwk, kid: undefined }), /key 1: kid must name the key/],
      ['with an empty name', keySet({ ...publicJwk, kid: '' }), /key 1: kid must name the key/],
      ['of which two have one name', keySet(publicJwk, publicJwk), /two keys with the same kid/],
      ['off the curve', keySet({ ...publicJwk, y: publicJwk.x }), /key 1 is not a point of P-256/],
    ] as const) {
      it(what, () => {
        const problems = problemsOf({ ...GOOD, CONNECT_PUBLIC_KEYS: keys })
        assert.ok(
          problems.some((line) => line.startsWith('CONNECT_PUBLIC_KEYS ') && problem.test(line)),
          problems.join('\n'),
        )
        assert.ok(!problems.join().includes(String(privateJwk.d)))
      })
    }
  })

  for (const [address, accepted] of [
    ['unix:/tmp/a.sock', true],
    ['127.0.0.1:9000', true],
    ['127.1.2.3:9000', true],
    ['localhost:9000', true],
    ['[::1]:9000', true],
    ['0.0.0.0:9000', false],
    ['[::]:9000', false],
    ['10.0.0.1:9000', false],
    ['authz.internal:9000', false],
    ['127.0.0.1.example.com:9000', false],
    ['unix:relative.sock', false],
  ] as const) {
    it(`${accepted ? 'listens' : 'does not listen'} at ${address}`, () => {
      assert.equal(problemsOf({ ...GOOD, AUTHZ_LISTEN: address }).length === 0, accepted)
    })
  }
})
