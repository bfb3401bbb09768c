import assert from 'node:assert/strict'
import { z } from 'zod'
import { ConfigurationError, readEnvironment, type Environment } from '../../../core/config/environment.ts'
import {
  checkSharedVariables,
  sharedSettings,
  sharedVariables,
  type SharedSettings,
} from '../../../core/config/shared-settings.ts'
import { newSecret } from '../../../core/keys/keys.ts'
import { PLATFORM_ENTRY } from '../../support/services.ts'

const GOOD = {
  CONNECT_ORIGIN: 'https://connect.example',
  CONNECT_SERVICES: PLATFORM_ENTRY,
  REDIS_URL: 'redis://localhost:6379',
  QUILT_REGISTRY_URL: 'https://registry.example',
  CONNECT_SEALING_KEYS: JSON.stringify([{ id: 'a', secret: newSecret('sealing'), use: 'sign' }]),
}

const schema = z.object(sharedVariables).superRefine(checkSharedVariables)

function settingsWith(changes: Environment): SharedSettings {
  return sharedSettings(readEnvironment(schema, { ...GOOD, ...changes }))
}

function problemsOf(changes: Environment): readonly string[] {
  try {
    settingsWith(changes)
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    return error.problems
  }
  return []
}

describe('The variables that authz and consent-ui share', () => {
  for (const [origin, explicitPort, issuer] of [
    ['https://connect.example', 'false', 'https://connect.example'],
    ['https://connect.example', 'true', 'https://connect.example:443'],
    ['https://connect.example:8443', 'true', 'https://connect.example:8443'],
    ['http://localhost', 'true', 'http://localhost:80'],
  ] as const) {
    it(`give the issuer ${issuer} for ${origin} when ISSUER_EXPLICIT_PORT is ${explicitPort}`, () => {
      const settings = settingsWith({ CONNECT_ORIGIN: origin, ISSUER_EXPLICIT_PORT: explicitPort })
      assert.deepEqual([settings.origin, settings.issuer], [origin, issuer])
    })
  }

  it('exempt the addresses of Claude by default, none, or the given networks', () => {
    const exempt = (changes: Environment): string[] =>
      settingsWith(changes).sharedEgress.map(({ text }) => text)
    assert.deepEqual(exempt({}), ['160.79.104.0/21'])
    assert.deepEqual(exempt({ RATE_LIMIT_EXEMPT: 'none' }), [])
    assert.deepEqual(exempt({ RATE_LIMIT_EXEMPT: '192.0.2.0/24, 2001:db8::/32' }), [
      '192.0.2.0/24',
      '2001:db8::/32',
    ])
  })

  for (const wrong of ['0.0.0.0/0', '::/0', '192.0.2.0', '192.0.2.0/33', 'everyone']) {
    it(`refuse RATE_LIMIT_EXEMPT=${wrong}`, () => {
      assert.match(problemsOf({ RATE_LIMIT_EXEMPT: wrong }).join(), /^RATE_LIMIT_EXEMPT /)
    })
  }

  for (const [text, stop] of [
    ['', new Set()],
    ['platform', new Set(['platform'])],
    [' Platform, ', new Set(['platform'])],
    ['all', 'all'],
    ['platform,ALL', 'all'],
  ] as const) {
    it(`stop ${stop === 'all' ? 'everything' : `${stop.size} services`} when CONNECT_STOP is "${text}"`, () => {
      assert.deepEqual(settingsWith({ CONNECT_STOP: text }).stop, stop)
    })
  }

  it('refuse a CONNECT_STOP that names no service: the operator must not believe that it is stopped', () => {
    const [problem = '', ...others] = problemsOf({ CONNECT_STOP: 'platform,plattform' })
    assert.match(problem, /^CONNECT_STOP entry 2 is not a service of CONNECT_SERVICES; write all, or/)
    assert.deepEqual(others, [])
  })

  it('block no client by default', () => {
    assert.deepEqual(settingsWith({}).blockedClients, { fingerprints: new Set(), hosts: [] })
  })

  for (const wrong of ['x.example,https://', 'not a host']) {
    it(`refuse CONNECT_BLOCKED_CLIENTS=${wrong}, which would block no client`, () => {
      const problems = problemsOf({ CONNECT_BLOCKED_CLIENTS: wrong })
      assert.equal(problems.length, 1, problems.join('\n'))
      assert.match(problems[0] ?? '', /^CONNECT_BLOCKED_CLIENTS entry \d must be/)
    })
  }
})
