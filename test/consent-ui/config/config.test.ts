import assert from 'node:assert/strict'
import { readConfig } from '../../../consent-ui/config/config.ts'
import { ConfigurationError } from '../../../core/config/environment.ts'
import { keyList, newKey, settingsFor } from '../support/settings.ts'

const GOOD = {
  ...settingsFor('https://connect.example', 'redis://localhost:6379'),
  OIDC_ISSUER: 'https://login.example.com/oauth2/default',
  OIDC_CLIENT_ID: 'connect',
  OIDC_CLIENT_SECRET: 'oidc-secret',
  QUILT_CREDENTIAL_SOURCE: 'exchange',
  QUILT_REGISTRY_URL: 'https://registry.example.com',
  QUILT_TOKEN_EXCHANGE_URL: 'https://registry.example.com/api/token-exchange',
  QUILT_TOKEN_EXCHANGE_CLIENT_ID: 'connect',
  QUILT_TOKEN_EXCHANGE_CLIENT_SECRET: 'exchange-secret',
}

function problemsOf(environment: Readonly<Record<string, string>>): readonly string[] {
  try {
    readConfig(environment)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.problems
  }
  return []
}

describe('The configuration of consent-ui', () => {
  it('is read', () => {
    const config = readConfig(GOOD)
    assert.equal(config.origin, 'https://connect.example')
    assert.deepEqual(config.listen, { host: '127.0.0.1', port: 0 })
    assert.equal(config.credential.source, 'exchange')
    assert.equal(config.accessTokenSeconds, 3600)
    assert.equal(config.logLevel, 'info')
    assert.equal(config.sealingKeys.current.id, 'key-1')
  })

  it('listens beyond this machine only with CONSENT_UI_LISTEN_ANYWHERE=true', () => {
    const listen = { CONSENT_UI_LISTEN: '0.0.0.0:3000', CONSENT_UI_LISTEN_ANYWHERE: 'true' }
    assert.deepEqual(readConfig({ ...GOOD, ...listen }).listen, { host: '0.0.0.0', port: 3000 })
    for (const address of ['unix:/run/consent-ui.sock', '[::1]:3000', 'localhost:3000'])
      assert.deepEqual(problemsOf({ ...GOOD, CONSENT_UI_LISTEN: address }), [])
  })

  it('gives one spelling for every spelling of the origin', () => {
    for (const origin of [
      'https://Connect.Example',
      'https://connect.example/',
      'https://connect.example:443',
    ]) {
      assert.equal(readConfig({ ...GOOD, CONNECT_ORIGIN: origin }).origin, 'https://connect.example')
    }
  })

  it('reports every missing variable at once', () => {
    const names = problemsOf({}).map((problem) => problem.replace(/ is required$/, ''))
    assert.deepEqual(names.sort(), [
      'CONNECT_ORIGIN',
      'CONNECT_SEALING_KEYS',
      'CONNECT_SERVICES',
      'CONNECT_SIGNING_KEYS',
      'CONSENT_UI_LISTEN',
      'OIDC_CLIENT_ID',
      'OIDC_CLIENT_SECRET',
      'OIDC_ISSUER',
      'QUILT_CREDENTIAL_SOURCE',
      'QUILT_REGISTRY_URL',
      'QUILT_TOKEN_EXCHANGE_CLIENT_ID',
      'QUILT_TOKEN_EXCHANGE_CLIENT_SECRET',
      'QUILT_TOKEN_EXCHANGE_URL',
      'REDIS_URL',
    ])
  })

  it('reports every wrong variable at once, without its value', () => {
    const wrong = {
      CONNECT_ORIGIN: 'http://connect.example',
      CONSENT_UI_LISTEN: 'everywhere-1',
      CONNECT_SERVICES: 'wrong-8',
      REDIS_URL: 'http://wrong-2',
      LOG_LEVEL: 'loud-3',
      CONNECT_SEALING_KEYS: keyList(newKey('signing', 'a')),
      CONNECT_SIGNING_KEYS: 'no-json-4',
      OIDC_ISSUER: 'http://login.example.com',
      OIDC_CLIENT_ID: '',
      OIDC_CLIENT_SECRET: '',
      QUILT_CREDENTIAL_SOURCE: 'other-5',
      QUILT_REGISTRY_URL: 'no-url-6',
      QUILT_TOKEN_EXCHANGE_URL: 'https://user-7:password@registry.example.com',
      QUILT_TOKEN_EXCHANGE_CLIENT_ID: '',
      QUILT_TOKEN_EXCHANGE_CLIENT_SECRET: '',
      ACCESS_TOKEN_SECONDS: '86400',
    }
    const problems = problemsOf(wrong)
    assert.deepEqual(new Set(problems.map((line) => line.split(' ')[0])), new Set(Object.keys(wrong)))
    assert.doesNotMatch(problems.join('\n'), /-[1-8]|connect-signing\.[A-Za-z0-9_-]{20}/)
  })

  for (const [what, changes] of Object.entries({
    'an origin with a path': { CONNECT_ORIGIN: 'https://connect.example/path' },
    'an origin with a user name': { CONNECT_ORIGIN: 'https://user@connect.example' },
    'an origin without a scheme': { CONNECT_ORIGIN: 'connect.example' },
    'an access token lifetime of 0': { ACCESS_TOKEN_SECONDS: '0' },
    'an access token lifetime of a day': { ACCESS_TOKEN_SECONDS: '86400' },
    'an access token lifetime with a fraction': { ACCESS_TOKEN_SECONDS: '1.5' },
    'a sealing key for signing': { CONNECT_SIGNING_KEYS: keyList(newKey('sealing', 'a')) },
    'two current keys': {
      CONNECT_SEALING_KEYS: keyList(newKey('sealing', 'a'), newKey('sealing', 'b')),
    },
    'no current key': { CONNECT_SEALING_KEYS: keyList({ ...newKey('sealing', 'a'), use: 'accept' }) },
    'no key': { CONNECT_SEALING_KEYS: '[]' },
    'a placeholder': { CONNECT_SEALING_KEYS: '[{"id":"a","secret":"change-me","use":"sign"}]' },
    'an identity provider over plain http': { OIDC_ISSUER: 'http://login.example.com' },
    'a Registry over plain http': { QUILT_REGISTRY_URL: 'http://registry.example.com' },
    'an unknown credential source': { QUILT_CREDENTIAL_SOURCE: 'password' },
    'a catalog without its origin': { QUILT_CATALOG_ORIGIN: '', QUILT_CREDENTIAL_SOURCE: 'catalog' },
    'an unknown OIDC_EMAIL_VERIFIED': { OIDC_EMAIL_VERIFIED: 'yes' },
    'a session of 0 days': { SESSION_DAYS: '0' },
    'a session of a year': { SESSION_DAYS: '365' },
    'a maximum of more than 90 days': { SESSION_MAX_DAYS: '91' },
    'a session longer than the maximum': { SESSION_DAYS: '31', SESSION_MAX_DAYS: '30' },
    'more idle days than days of a session': { SESSION_IDLE_DAYS: '31' },
    'a listener on every interface': { CONSENT_UI_LISTEN: '0.0.0.0:3000' },
    'a listener on every IPv6 interface': { CONSENT_UI_LISTEN: '[::]:3000' },
    'a listener on the network': { CONSENT_UI_LISTEN: '10.0.0.7:3000' },
    'a listener at a host name of the network': { CONSENT_UI_LISTEN: 'consent-ui.example:3000' },
    'a store on a network without TLS': { REDIS_URL: 'redis://:secret@store.example' },
  })) {
    it(`is refused for ${what}`, () => {
      const problems = problemsOf({ ...GOOD, ...changes })
      assert.equal(problems.length, 1, problems.join('\n'))
      assert.ok(problems[0]?.startsWith(Object.keys(changes)[0] ?? ' '))
    })
  }

  describe('with OIDC_EMAIL_VERIFIED=assumed', () => {
    const issuers = (tenant: string): string[] =>
      ['login.microsoftonline.com', 'login.microsoftonline.us', 'login.example.com'].map(
        (host) => `https://${host}/${tenant}/v2.0`,
      )
    const ASSUMED = { ...GOOD, OIDC_EMAIL_VERIFIED: 'assumed' }

    for (const tenant of [
      'common',
      'organizations',
      'consumers',
      'Common',
      '9188040d-6c67-4c5b-b112-36a304b66dad',
    ]) {
      it(`is refused when the issuer stands for every organisation: ${tenant}`, () => {
        for (const OIDC_ISSUER of issuers(tenant)) {
          const [problem, ...others] = problemsOf({ ...ASSUMED, OIDC_ISSUER })
          assert.match(problem ?? '', /^OIDC_EMAIL_VERIFIED must not be assumed .*OIDC_ISSUER$/)
          assert.deepEqual(others, [])
        }
      })
    }

    it('is accepted for a tenant of one organisation', () => {
      for (const OIDC_ISSUER of issuers('72f988bf-86f1-41af-91ab-2d7cd011db47')) {
        assert.deepEqual(problemsOf({ ...ASSUMED, OIDC_ISSUER }), [])
      }
      assert.deepEqual(problemsOf({ ...ASSUMED, OIDC_ISSUER: 'https://login.example.com/realms/common' }), [])
    })

    it('is accepted for an issuer of every organisation when e-mail addresses must be verified', () => {
      assert.deepEqual(problemsOf({ ...GOOD, OIDC_ISSUER: 'https://login.example.com/common/v2.0' }), [])
    })
  })

  describe('with pasted codes', () => {
    const OIDC = {
      OIDC_ISSUER: GOOD.OIDC_ISSUER,
      OIDC_CLIENT_ID: GOOD.OIDC_CLIENT_ID,
      OIDC_CLIENT_SECRET: GOOD.OIDC_CLIENT_SECRET,
    }
    const CODE = {
      ...settingsFor('https://connect.example', 'redis://localhost:6379'),
      QUILT_REGISTRY_URL: GOOD.QUILT_REGISTRY_URL,
      QUILT_CREDENTIAL_SOURCE: 'code',
    }

    it('needs no identity provider', () => {
      assert.deepEqual(readConfig(CODE).credential, { source: 'code', identityProvider: undefined })
    })

    it('accepts an identity provider', () => {
      const { credential } = readConfig({ ...CODE, ...OIDC })
      assert.equal(credential.identityProvider?.issuer.href, OIDC.OIDC_ISSUER)
      assert.equal(credential.identityProvider.emailsAreVerified, false)
    })

    it('requires every variable of an identity provider once one is set', () => {
      assert.deepEqual(problemsOf({ ...CODE, OIDC_CLIENT_ID: 'connect' }), [
        'OIDC_ISSUER is required',
        'OIDC_CLIENT_SECRET is required',
      ])
      assert.equal(problemsOf({ ...CODE, OIDC_EMAIL_VERIFIED: 'assumed' }).length, 3)
    })
  })

  const DAY_SECONDS = 86_400
  for (const [what, changes, [session, idle]] of [
    ['30 days, 14 of them idle, by default', {}, [30, 14]],
    ['the days that the operator sets', { SESSION_DAYS: '90', SESSION_IDLE_DAYS: '90' }, [90, 90]],
    ['a week, all of it idle, when SESSION_DAYS is 7', { SESSION_DAYS: '7' }, [7, 7]],
    ['at most SESSION_MAX_DAYS', { SESSION_MAX_DAYS: '10' }, [10, 10]],
  ] as const) {
    it(`has sessions of ${what}`, () => {
      const { sessionSeconds, idleSeconds } = readConfig({ ...GOOD, ...changes }).lifetimes
      assert.deepEqual([sessionSeconds, idleSeconds], [session * DAY_SECONDS, idle * DAY_SECONDS])
    })
  }

  it('accepts demo keys only on this machine', () => {
    const demo = { ...GOOD, CONNECT_SEALING_KEYS: keyList(newKey('sealing', 'demo')) }
    assert.equal(
      readConfig({ ...demo, CONNECT_ORIGIN: 'http://localhost:8080' }).sealingKeys.current.id,
      'demo',
    )
    assert.equal(readConfig({ ...demo, CONNECT_ORIGIN: 'http://127.0.0.1' }).sealingKeys.current.id, 'demo')
    const problem =
      'has the demonstration key "demo", which works on localhost only; make keys with npm run keys'
    assert.deepEqual(problemsOf(demo), [`CONNECT_SEALING_KEYS ${problem}`])
    const signing = { ...GOOD, CONNECT_SIGNING_KEYS: keyList(newKey('signing', 'demo')) }
    assert.deepEqual(problemsOf(signing), [`CONNECT_SIGNING_KEYS ${problem}`])
  })
})
