import assert from 'node:assert/strict'
import { z } from 'zod'
import { ConfigurationError, readEnvironment } from '../../core/environment.ts'
import {
  checkStoreVariables,
  storeSettings,
  storeVariables,
  type StoreSettings,
} from '../../core/store-settings.ts'

const schema = z.object(storeVariables).superRefine(checkStoreVariables)
type Variables = Partial<Record<'REDIS_URL' | 'REDIS_MODE', string>>

const read = (environment: Variables): StoreSettings => storeSettings(readEnvironment(schema, environment))

describe('The place of the store', () => {
  it('is a single server unless said otherwise', () => {
    assert.deepEqual(read({ REDIS_URL: 'redis://a' }), { mode: 'single', urls: ['redis://a'] })
    assert.deepEqual(read({ REDIS_URL: 'unix:/a.sock' }), { mode: 'single', urls: ['unix:/a.sock'] })
  })

  it('may name several nodes of a cluster', () => {
    const settings = read({ REDIS_MODE: 'cluster', REDIS_URL: 'rediss://u:p@a:1, rediss://u:p@b:2' })
    assert.deepEqual(settings, { mode: 'cluster', urls: ['rediss://u:p@a:1', 'rediss://u:p@b:2'] })
    assert.equal(read({ REDIS_MODE: 'cluster', REDIS_URL: 'redis://a/0' }).urls.length, 1)
  })

  const refused: [what: string, environment: Variables, problem: RegExp][] = [
    ['that is not given', {}, /^REDIS_URL is required$/],
    ['of another scheme', { REDIS_URL: 'http://a' }, /^REDIS_URL must be redis:/],
    ['of which one is none', { REDIS_MODE: 'cluster', REDIS_URL: 'redis://a,' }, /^REDIS_URL must be redis:/],
    ['of another kind', { REDIS_MODE: 'sentinel', REDIS_URL: 'redis://a' }, /^REDIS_MODE must be single or/],
    ['with several single servers', { REDIS_URL: 'redis://a,redis://b' }, /REDIS_MODE must be cluster$/],
    ['with a cluster on a socket', { REDIS_MODE: 'cluster', REDIS_URL: 'unix:/a' }, /must be redis:\/\/ or/],
    [
      'with nodes of different passwords',
      { REDIS_MODE: 'cluster', REDIS_URL: 'redis://u:hunter2@a,redis://u:q@b' },
      /one scheme, user name and password$/,
    ],
    [
      'with nodes with and without TLS',
      { REDIS_MODE: 'cluster', REDIS_URL: 'redis://a,rediss://b' },
      /one scheme, user name and password$/,
    ],
    ['with a database of a cluster', { REDIS_MODE: 'cluster', REDIS_URL: 'redis://a/2' }, /names a database/],
  ]
  for (const [what, environment, problem] of refused) {
    it(`is refused ${what}`, () => {
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
