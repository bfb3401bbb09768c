import assert from 'node:assert/strict'
import { z } from 'zod'
import { ConfigurationError, readEnvironment, type Environment } from '../../../core/config/environment.ts'
import { keyList, newSecret } from '../../../core/keys/keys.ts'
import {
  listenAddress,
  logLevel,
  origin,
  redisUrl,
  seconds,
  secureUrl,
} from '../../../core/config/settings.ts'

const schema = z.object({
  HOST: origin,
  URL: secureUrl,
  LISTEN: listenAddress,
  STORE: redisUrl,
  KEYS: keyList('sealing'),
  LIFETIME: seconds(1, 60).default(30),
  LEVEL: logLevel.default('info'),
})

const good: Environment = {
  HOST: 'https://connect.example.com',
  URL: 'https://registry.example.com',
  LISTEN: '127.0.0.1:3000',
  STORE: 'redis://localhost:6379',
  KEYS: JSON.stringify([{ id: 'a', secret: newSecret('sealing'), use: 'sign' }]),
}

function problemsOf(environment: Environment): readonly string[] {
  try {
    readEnvironment(schema, environment)
    return []
  } catch (error) {
    assert.ok(error instanceof ConfigurationError)
    for (const problem of error.problems) assert.ok(error.message.includes(problem))
    return error.problems
  }
}

describe('readEnvironment', () => {
  it('reads the variables of the schema and no other', () => {
    const read = readEnvironment(schema, { ...good, OTHER: 'x', LIFETIME: '20' })
    assert.deepEqual(Object.keys(read).sort(), [
      'HOST',
      'KEYS',
      'LEVEL',
      'LIFETIME',
      'LISTEN',
      'STORE',
      'URL',
    ])
    assert.equal(read.LIFETIME, 20)
  })

  it('treats an empty value as absent', () => {
    assert.equal(readEnvironment(schema, { ...good, LIFETIME: '' }).LIFETIME, 30)
    assert.deepEqual(problemsOf({ ...good, HOST: '' }), ['HOST is required'])
  })

  it('names every missing variable', () => {
    const expected = ['HOST', 'URL', 'LISTEN', 'STORE', 'KEYS'].map((name) => `${name} is required`)
    assert.deepEqual(problemsOf({}), expected)
  })

  it('names every wrong variable at once and repeats no value', () => {
    const secret = 'hunter2'
    const wrong = { HOST: secret, URL: `http://${secret}`, LISTEN: secret, STORE: `http://:${secret}@h` }
    const problems = problemsOf({ ...wrong, KEYS: `"${secret}"`, LIFETIME: secret, LEVEL: secret })
    const named = problems.map((problem) => problem.split(' ', 1)[0])
    assert.deepEqual(named, ['HOST', 'URL', 'LISTEN', 'STORE', 'KEYS', 'LIFETIME', 'LEVEL'])
    assert.ok(!problems.join().includes(secret))
  })

  it('lists every problem of one variable', () => {
    const entries = [newSecret('signing'), newSecret('signing')].map((each, i) => ({
      id: `k${i}`,
      secret: each,
      use: 'sign',
    }))
    const problems = problemsOf({ ...good, KEYS: JSON.stringify(entries) })
    assert.equal(problems.length, 3)
    for (const problem of problems) assert.match(problem, /^KEYS (key [12] \(k\d\) is not|must have exactly)/)
  })

  it('shows the message of a rule about several variables unchanged', () => {
    const together = z
      .object({ A: z.string(), B: z.string() })
      .refine(({ A, B }) => A !== B, { message: 'A and B must differ' })
    assert.throws(() => readEnvironment(together, { A: 'x', B: 'x' }), { problems: ['A and B must differ'] })
  })
})
