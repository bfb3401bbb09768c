import assert from 'node:assert/strict'
import { z } from 'zod'
import { ConfigurationError, readEnvironment } from '../../../core/config/environment.ts'
import {
  checkStoreVariables,
  storeSettings,
  storeVariables,
  type StoreSettings,
} from '../../../core/store/store-settings.ts'

const schema = z.object(storeVariables).superRefine(checkStoreVariables)
type Variables = Partial<
  Record<'REDIS_URL' | 'REDIS_USERNAME' | 'REDIS_PASSWORD' | 'REDIS_MODE' | 'REDIS_PLAINTEXT', string>
>

const read = (environment: Variables): StoreSettings => storeSettings(readEnvironment(schema, environment))

describe('The settings of Redis', () => {
  it('default to a single server', () => {
    assert.deepEqual(read({ REDIS_URL: 'rediss://:p@a' }), { mode: 'single', urls: ['rediss://:p@a'] })
    assert.deepEqual(read({ REDIS_URL: 'unix:/a.sock' }), { mode: 'single', urls: ['unix:/a.sock'] })
  })

  it('may name several nodes of a cluster', () => {
    const settings = read({ REDIS_MODE: 'cluster', REDIS_URL: 'rediss://u:p@a:1, rediss://u:p@b:2' })
    assert.deepEqual(settings, { mode: 'cluster', urls: ['rediss://u:p@a:1', 'rediss://u:p@b:2'] })
    assert.equal(read({ REDIS_MODE: 'cluster', REDIS_URL: 'rediss://:p@a/0' }).urls.length, 1)
  })

  it('take the user name and the password from variables, and count them', () => {
    const credentials = { username: 'connect', password: 'p/w' }
    const given = { REDIS_USERNAME: 'connect', REDIS_PASSWORD: 'p/w' }
    for (const REDIS_URL of ['rediss://store.example', 'unix:/a.sock'])
      assert.deepEqual(read({ REDIS_URL, ...given }), { mode: 'single', urls: [REDIS_URL], credentials })
    const cluster = { REDIS_MODE: 'cluster', REDIS_URL: 'rediss://a,rediss://b', ...given }
    assert.deepEqual(read(cluster).credentials, credentials)
    const apart = { REDIS_URL: 'rediss://connect@a', REDIS_PASSWORD: 'p/w' }
    assert.deepEqual(read(apart).credentials, { password: 'p/w' })
  })

  it('need neither TLS nor a password on localhost, nor elsewhere with REDIS_PLAINTEXT=true', () => {
    for (const url of [
      'redis://localhost:6379',
      'redis://127.0.0.1',
      'redis://[::1]:1',
      'rediss://localhost',
    ])
      assert.deepEqual(read({ REDIS_URL: url }).urls, [url])
    const cluster = { REDIS_MODE: 'cluster', REDIS_URL: 'redis://a,redis://b', REDIS_PLAINTEXT: 'true' }
    assert.deepEqual(read(cluster).urls, ['redis://a', 'redis://b'])
  })

  const refused: [what: string, environment: Variables, problem: RegExp][] = [
    ['without REDIS_URL', {}, /^REDIS_URL is required$/],
    ['with another scheme', { REDIS_URL: 'http://a' }, /^REDIS_URL must be redis:/],
    [
      'with an empty URL among others',
      { REDIS_MODE: 'cluster', REDIS_URL: 'rediss://:p@a,' },
      /^REDIS_URL must be redis:/,
    ],
    [
      'with an unknown mode',
      { REDIS_MODE: 'sentinel', REDIS_URL: 'rediss://:p@a' },
      /^REDIS_MODE must be single or/,
    ],
    ['with several single servers', { REDIS_URL: 'rediss://:p@a,rediss://:p@b' }, /set REDIS_MODE=cluster$/],
    ['with a cluster on a socket', { REDIS_MODE: 'cluster', REDIS_URL: 'unix:/a' }, /must be redis:\/\/ or/],
    [
      'with nodes of different passwords',
      { REDIS_MODE: 'cluster', REDIS_URL: 'rediss://u:hunter2@a,rediss://u:q@b' },
      /the same scheme, user name and password$/,
    ],
    [
      'with nodes with and without TLS',
      { REDIS_MODE: 'cluster', REDIS_URL: 'redis://:p@localhost,rediss://:p@b' },
      /the same scheme, user name and password$/,
    ],
    [
      'with a database of a cluster',
      { REDIS_MODE: 'cluster', REDIS_URL: 'rediss://:p@a/2' },
      /names a database/,
    ],
    [
      'with a remote server without TLS',
      { REDIS_URL: 'redis://:hunter2@store.example' },
      /^REDIS_URL .* without TLS; write rediss:.* REDIS_PLAINTEXT=true$/,
    ],
    [
      'with a remote server without a password',
      { REDIS_URL: 'rediss://10.0.0.7' },
      /without a password; write/,
    ],
    [
      'with a remote server without either',
      { REDIS_URL: 'redis://10.0.0.7' },
      /without TLS and a password; write/,
    ],
    [
      'with a user name in two places',
      { REDIS_URL: 'rediss://a:hunter2@b.example', REDIS_USERNAME: 'a' },
      /^REDIS_USERNAME and REDIS_URL both/,
    ],
    [
      'with a password in two places',
      { REDIS_URL: 'rediss://:hunter2@b.example', REDIS_PASSWORD: 'hunter2' },
      /^REDIS_PASSWORD and REDIS_URL both/,
    ],
    [
      'with a user name and no password',
      { REDIS_URL: 'redis://localhost', REDIS_USERNAME: 'a' },
      /^REDIS_USERNAME is set without a password; set REDIS_PASSWORD$/,
    ],
    [
      'with a password for a remote server without TLS',
      { REDIS_URL: 'redis://store.example', REDIS_PASSWORD: 'hunter2' },
      /without TLS; write rediss:/,
    ],
    ['with a name that only looks local', { REDIS_URL: 'redis://localhost.example' }, /without TLS and/],
    ['with the address 0.0.0.0', { REDIS_URL: 'redis://0.0.0.0' }, /without TLS and/],
    [
      'with a node that lacks a password',
      { REDIS_MODE: 'cluster', REDIS_URL: 'redis://localhost,redis://b' },
      /without TLS and a password/,
    ],
  ]
  for (const [what, environment, problem] of refused) {
    it(`are refused ${what}`, () => {
      assert.throws(
        () => read(environment),
        (error) =>
          error instanceof ConfigurationError &&
          error.problems.length === 1 &&
          problem.test(error.problems[0] ?? '') &&
          !error.message.includes('hunter2'),
      )
    })
  }
})
